/** The process that started this one is looked for so often, in milliseconds. */
const LOOK_MS = 500;

/**
 * Calls `onGone` when the shell is gone by which `npx` or `npm` started this process. They pass signals on to that shell
 * alone, and it dies without a word to its child. Started in another way, a process may outlive the one that started it.
 */
export function watchLauncher(
	env: Readonly<Record<string, string | undefined>>,
	onGone: () => void,
	parent = () => process.ppid,
): void {
	if (env.npm_command === undefined) return;
	const launcher = parent();
	const timer = setInterval(() => {
		if (parent() === launcher) return;
		clearInterval(timer);
		onGone();
	}, LOOK_MS);
	timer.unref();
}
