/** The import rules of docs/architecture.md; type-only imports count too. The catalogue's dynamic import is the one way from the core to plugins and presets. */
const rule = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: typeof to === 'string' ? { path: to } : to });

module.exports = {
  forbidden: [
    rule('contract-stands-alone', '^core/contract/', { pathNot: '^core/contract/' }),
    rule('kit-knows-the-contract', '^core/kit/', '^core/(?!kit/|contract/)'),
    { name: 'core-knows-no-plugin', severity: 'error', from: { path: '^core/' }, to: { path: '^(plugins|presets)/', dynamic: false } },
    rule('plugins-know-contract-and-kit', '^plugins/', '^(core/(?!kit/|contract/)|plugins/|presets/)'),
    rule('presets-know-contract-kit-and-plugins', '^presets/', '^core/(?!kit/|contract/)'),
    rule('doors-know-no-codec', '^core/dialects/\\w+/door/', '^core/dialects/\\w+/codec/'),
    rule('codecs-know-no-door', '^core/dialects/\\w+/codec/', '^core/dialects/\\w+/door/'),
    rule('dialects-know-no-other', '^core/dialects/(\\w+)/', { path: '^core/dialects/\\w+/', pathNot: '^core/dialects/$1/' }),
    rule('nothing-knows-the-commands', '^(core/(?!cli/)|plugins/|presets/)', '^core/cli/'),
    rule('dialects-store-pipeline-are-low', '^core/(dialects|store|pipeline)/', '^core/(upstreams|gateway|run|server|config|clients|probe|fixtures)/'),
    rule('upstreams-are-below-the-gateway', '^core/upstreams/', '^core/(gateway|run|server|config|clients|probe|fixtures)/'),
    rule('the-gateway-is-below-the-run', '^core/gateway/', '^core/(run|server|config|clients|probe|fixtures)/'),
    rule('the-run-is-below-the-server', '^core/run/', '^core/(server|config|clients|probe|fixtures)/'),
    rule('the-server-is-below-the-config', '^core/server/', '^core/(config|clients|probe|fixtures)/'),
    rule('the-config-is-below-clients', '^core/config/', '^core/(clients|probe|fixtures)/'),
    rule('fixtures-know-the-pipeline-and-the-run', '^core/fixtures/', '^core/(?!fixtures/|contract/|kit/|pipeline/|run/)'),
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    rule('no-tests-in-the-product', '^(core|plugins|presets)/', '^(test|bench|docs|fixtures)/'),
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: { path: '^(core|plugins|presets)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' }, enhancedResolveOptions: { extensions: ['.ts', '.js'] } },
};
