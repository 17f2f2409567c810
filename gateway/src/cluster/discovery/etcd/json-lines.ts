/** The longest line, in characters: no answer of etcd to this client is longer. */
const MAX_LINE = 16 * 1024 * 1024;

/** Yields the JSON value of each line. Throws on invalid JSON, a long line, or a broken stream. */
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
