/** The interval between two checks of the parent process, in milliseconds. */
const LOOK_MS = 500;

/**
 * Calls `onGone` when the shell ends through which `npx` or `npm` started this process. They pass
 * signals on to that shell only, which ends without a signal to its child. A process with another
 * parent may outlive it.
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
