import { paths, TYPING_MS } from '@likewire/protocol';
import type { Gateway } from '../gateway-access.ts';
import type { Topic } from '../topics/topic.ts';

/** How often it is said while it goes on, in milliseconds: one may be lost. */
const REPEAT_MS = TYPING_MS / 2;

/** Tells the others that this user types. */
export type OwnTyping = (on: boolean) => void;

/** May be told at each key: it is said at the first, now and then while they go on, and that it is over soon after the last. */
export function createOwnTyping({ id, life }: Topic, gateway: Pick<Gateway, 'signal'>): OwnTyping {
	let repeating: ReturnType<typeof setInterval> | undefined;
	let ending: ReturnType<typeof setTimeout> | undefined;
	/** What is to be said next. */
	let next: boolean | undefined;
	let speaking = false;

	/** One after the other, or the end might get there before the beginning. */
	async function say(typing: boolean): Promise<void> {
		next = typing;
		if (speaking) return;
		speaking = true;
		while (next !== undefined) {
			const typing: boolean = next;
			next = undefined;
			await gateway.signal(paths.typing(id), { typing });
		}
		speaking = false;
	}

	function stop(): void {
		clearTimeout(ending);
		if (repeating === undefined) return;
		clearInterval(repeating);
		repeating = undefined;
		void say(false);
	}

	function goOn(): void {
		clearTimeout(ending);
		ending = setTimeout(stop, TYPING_MS);
		if (repeating !== undefined) return;
		repeating = setInterval(say, REPEAT_MS, true);
		void say(true);
	}

	life.on('left', stop);
	return (on) => (on ? goOn() : stop());
}
