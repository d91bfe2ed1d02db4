import { GatewayError } from '../contract/errors.ts';
import { missing } from './check-body.ts';

/**
 * Checks the frame of a body that passes unchanged: no provider could read another one, and some crash or answer
 * without the history. Throws `missing_parameter` or `invalid_request`, naming the field.
 */
export function checkFrame(body: Record<string, unknown>, { list, isRequired }: { list: 'messages' | 'input'; isRequired: boolean }): void {
  const { [list]: said, tools, stream } = body;
  if (said == null && isRequired) missing(list);
  if (said != null && !(list === 'input' && typeof said === 'string')) checkList(said, list);
  if (tools != null) checkList(tools, 'tools');
  if (stream != null && typeof stream !== 'boolean') refuse('stream', 'expected true or false', stream);
}

function checkList(value: unknown, param: string): void {
  if (!Array.isArray(value)) return refuse(param, 'expected a list', value);
  const at = value.findIndex((each) => typeof each !== 'object' || each === null || Array.isArray(each));
  if (at >= 0) refuse(`${param}[${at}]`, 'expected an object', value[at]);
}

function refuse(param: string, expected: string, found: unknown): never {
  const kind = found === null ? 'null' : Array.isArray(found) ? 'a list' : `a value of type ${typeof found}`;
  throw new GatewayError('invalid_request', `${param}: ${expected}, found ${kind}`, { param });
}
