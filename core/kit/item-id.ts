/** Makes the id of an answer's item. It contains the response's id, so that a reference to the item needs no index. */
export function itemId(prefix: string, responseId: string, index: number): string {
  return `${prefix}_${responseId.slice(responseId.indexOf('_') + 1)}_${index}`;
}

/** Returns the id of the response that an item belongs to; undefined if the id is none of ours. */
export function responseOfItem(id: string): string | undefined {
  const [, response] = /^[a-z]+_(.+)_\d+$/.exec(id) ?? [];
  return response && `resp_${response}`;
}

/** Quotes an id for a message, cut off: a client may send an id of any length. */
export function shownId(id: string): string {
  return `"${id.length > LONGEST ? `${id.slice(0, LONGEST)}…` : id}"`;
}

const LONGEST = 100;
