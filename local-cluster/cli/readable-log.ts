const LEVELS: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Returns the last lines of a log in a readable form: the time, level, text and fields of JSON entries, and other lines as is. */
export function readableLog(log: string, lines: number): string[] {
	return log
		.trimEnd()
		.split('\n')
		.slice(-lines)
		.map((line) => readable(line) ?? line);
}

function readable(line: string): string | undefined {
	let entry: unknown;
	try {
		entry = JSON.parse(line);
	} catch {
		return undefined;
	}
	const { level, time, msg, node: _, ...fields } = entry as Record<string, unknown>;
	if (typeof level !== 'number' || typeof time !== 'number') return undefined;
	const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
	return [new Date(time).toTimeString().slice(0, 8), LEVELS[level] ?? level, msg, ...rest].join(' ');
}
