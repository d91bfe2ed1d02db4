/**
 * Families of models whose accents follow the name of the model: behind any host, with any prefix, in any case. Each is
 * a regular expression as text, for the option `models` of a plugin.
 */
export const MODEL_FAMILIES = {
  claude: anyCase('claude'),
  gemini3: anyCase('gemini-[3-9]'),
  mistral: anyCase('(mi(ni)?|magi|dev|code|vox|math)stral|mixtral|pixtral'),
  qwen: anyCase('qwen|qwq|qvq'),
};

function anyCase(pattern: string): string {
  return pattern.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
