import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';

/** The published schema of Open Responses, with the schema of each event by its type. */
export const document = JSON.parse(readFileSync(new URL('../../fixtures/openresponses.schema.json', import.meta.url), 'utf8'));
/** Knows the schema under the name `document`. */
export const ajv = new Ajv2020({ strict: false }).addSchema(document, 'document');

export function expectValid(value: unknown, definition: string): void {
  const valid = ajv.validate(`document#/$defs/${definition}`, value);
  expect(valid, `${definition}: ${ajv.errorsText()} in ${JSON.stringify(value)}`).to.equal(true);
}

export function expectValidEvents(events: readonly { type: string }[]): void {
  for (const event of events) {
    expect(document.events, 'events the document knows').to.have.property(event.type);
    expectValid(event, document.events[event.type]);
  }
}
