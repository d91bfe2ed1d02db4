/** The form of OpenAI's encrypted texts, and that of other long texts in base64, which no person writes. */
const CIPHER = /^(gAAAA[\w-]*=*|[\w+/-]{120,}={0,2})$/;

/** True for an encrypted text. Clients take a plain text for one if its place is meant for ciphers. */
export function isCipher(text: string): boolean {
  return CIPHER.test(text.trim());
}
