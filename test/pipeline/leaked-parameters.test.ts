import { expect } from 'chai';
import type { FunctionTool } from '../../core/contract/canonical.ts';
import { argumentOf } from '../../core/kit/marker-scanner.ts';

const tool: FunctionTool = {
  type: 'function',
  name: 'f',
  parameters: {
    type: 'object',
    $defs: { name: { type: 'string' } },
    properties: {
      named: { $ref: '#/$defs/name' },
      listed: { enum: ['123'] },
      only: { const: '123' },
      all: { allOf: [{ type: 'string' }] },
      nested: { anyOf: [{ oneOf: [{ type: 'string' }, { type: 'null' }] }] },
      open: {},
      number: { type: 'integer' },
      list: { type: 'array' },
    },
  },
};

describe('a leaked parameter', () => {
  for (const property of ['named', 'listed', 'only', 'all', 'nested', 'open', 'undeclared']) {
    it(`stays text where its place may hold text: ${property}`, () => expect(argumentOf('123', tool, property)).to.equal('123'));
  }

  it('is read as JSON where it may not, if it is that', () => {
    expect(argumentOf('123', tool, 'number')).to.equal(123);
    expect(argumentOf('[1]', tool, 'list')).to.deep.equal([1]);
    expect(argumentOf('[1', tool, 'list')).to.equal('[1');
  });
});
