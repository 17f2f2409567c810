/** Node keeps it for programs that run a turn of the event loop themselves. */
const { _tickCallback: runWaiting } = process as unknown as { readonly _tickCallback: () => void };

/**
 * Runs all promise callbacks that wait, and those that they add. Works only below {@link inOwnTurn}:
 * within a promise callback no other runs.
 */
export function runPromiseCallbacks(): void {
	runWaiting();
}

/**
 * Runs a program in a turn of the event loop of its own, so that it can run promise callbacks between
 * two steps. Awaiting each step instead would take several times as long.
 */
export function inOwnTurn<Result>(program: () => Result): Promise<Result> {
	return new Promise((resolve, reject) => {
		setImmediate(() => {
			try {
				resolve(program());
			} catch (error) {
				reject(error);
			}
		});
	});
}
