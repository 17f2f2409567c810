/** Starts a timer, and returns whether it is over: before any that a later call starts for the same time, however late. */
export function startTimer(ms: number): () => boolean {
	let isOver = false;
	setTimeout(() => {
		isOver = true;
	}, ms);
	return () => isOver;
}
