/** The most characters of a client's text that an error quotes. */
const MAX_QUOTED = 80;

/** Returns text from a client for use in a sentence: short, and in quotes. */
export function quote(text: string): string {
	return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
