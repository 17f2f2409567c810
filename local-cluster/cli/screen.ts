/** A terminal with scrolling text, and with replaceable lines below it. */
export interface Screen {
	/** Adds scrolling text. */
	write(text: string): void;
	/** Replaces the lines at the bottom. */
	show(lines: readonly string[]): void;
}

/** Creates a screen on a terminal. It truncates replaceable lines to the width, since wrapped lines could not be replaced. */
export function createScreen(terminal: NodeJS.WriteStream): Screen {
	let shown: readonly string[] = [];
	const clear = () => (shown.length === 0 ? '' : `\x1b[${shown.length}A\x1b[J`);
	const text = (lines: readonly string[]) =>
		lines.map((line) => `${line.slice(0, (terminal.columns || 80) - 1)}\n`).join('');
	return {
		write(added) {
			terminal.write(`${clear()}${added}\n${text(shown)}`);
		},
		show(lines) {
			terminal.write(clear() + text(lines));
			shown = lines;
		},
	};
}
