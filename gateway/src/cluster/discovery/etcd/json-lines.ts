/** A line longer than this, in characters, is no line of ours. */
const MAX_LINE = 16 * 1024 * 1024;

/** The values of a stream of JSON, one a line. Throws when a line is no JSON, is far too long, or when the stream breaks. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of stream) {
		rest += decoder.decode(chunk, { stream: true });
		const lines = rest.split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > MAX_LINE) throw new Error(`a line of more than ${MAX_LINE} characters`);
		for (const line of lines) if (line !== '') yield JSON.parse(line);
	}
}
