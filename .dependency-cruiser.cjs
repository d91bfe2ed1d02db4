/** plugins → core, presets → plugins and core, core → neither; the catalogue's dynamic import is the one way across. */
module.exports = {
  forbidden: [
    { name: 'core-knows-no-plugin', severity: 'error', from: { path: '^core/' }, to: { path: '^(plugins|presets)/', dynamic: false } },
    { name: 'plugins-know-no-plugin', severity: 'error', from: { path: '^plugins/' }, to: { path: '^(plugins|presets)/' } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-tests-in-the-product', severity: 'error', from: { path: '^(core|plugins|presets)/' }, to: { path: '^(test|bench|docs|fixtures)/' } },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: { path: '^(core|plugins|presets)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' }, enhancedResolveOptions: { extensions: ['.ts', '.js'] } },
};
