/** Text that scrolls, and below it lines that are written anew in their place. */
export interface Screen {
	/** Writes text that stays. */
	say(text: string): void;
	/** Replaces the lines at the bottom. */
	show(lines: readonly string[]): void;
}

/** A screen on a terminal. Lines that are wider than it are cut, for what wraps could not be replaced. */
export function createScreen(terminal: NodeJS.WriteStream): Screen {
	let shown: readonly string[] = [];
	const clear = () => (shown.length === 0 ? '' : `\x1b[${shown.length}A\x1b[J`);
	const text = (lines: readonly string[]) =>
		lines.map((line) => `${line.slice(0, (terminal.columns || 80) - 1)}\n`).join('');
	return {
		say(said) {
			terminal.write(`${clear()}${said}\n${text(shown)}`);
		},
		show(lines) {
			terminal.write(clear() + text(lines));
			shown = lines;
		},
	};
}
