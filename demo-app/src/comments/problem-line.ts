import { LikewireError } from '@likewire/sdk';

/** The line that says why an action failed. */
export interface ProblemLine {
	show(error: unknown): void;
	clear(): void;
}

export function createProblemLine(line: HTMLElement): ProblemLine {
	return {
		show(error) {
			line.textContent = error instanceof LikewireError ? error.message : String(error);
			line.hidden = false;
		},
		clear() {
			line.hidden = true;
		},
	};
}
