/** The id of an answer's item: it tells which response the item is of, so that a reference to it needs no index. */
export function itemId(prefix: string, responseId: string, index: number): string {
  return `${prefix}_${responseId.slice(responseId.indexOf('_') + 1)}_${index}`;
}

/** The response that an item of ours is of; undefined where the id is none of ours. */
export function responseOfItem(id: string): string | undefined {
  const [, response] = /^[a-z]+_(.+)_\d+$/.exec(id) ?? [];
  return response && `resp_${response}`;
}

/** An id as a message repeats it: it is a client's, and may be of any length. */
export function shownId(id: string): string {
  return `"${id.length > LONGEST ? `${id.slice(0, LONGEST)}…` : id}"`;
}

const LONGEST = 100;
