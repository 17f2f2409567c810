import { paths, TYPING_MS } from '@likewire/protocol';
import type { Gateway } from '../gateway-access.ts';
import type { Topic } from '../topics/topic.ts';

/** The interval of signals while the user types, in milliseconds; one of them may be lost. */
const REPEAT_MS = TYPING_MS / 2;

/** Sends to the other viewers whether this user types. */
export type OwnTyping = (on: boolean) => void;

/**
 * Creates the typing of this user; callers may call it at each key.
 * It sends a signal at the first key, repeats it while the user types, and sends the end `TYPING_MS` after the last
 * key.
 */
export function createOwnTyping({ id, life }: Topic, gateway: Pick<Gateway, 'signal'>): OwnTyping {
	let repeating: ReturnType<typeof setInterval> | undefined;
	let ending: ReturnType<typeof setTimeout> | undefined;
	/** The next state to send. */
	let next: boolean | undefined;
	let isSending = false;

	/** Sends one signal after the other, or the end might arrive before the beginning. */
	async function send(typing: boolean): Promise<void> {
		next = typing;
		if (isSending) return;
		isSending = true;
		while (next !== undefined) {
			const typing: boolean = next;
			next = undefined;
			await gateway.signal(paths.typing(id), { typing });
		}
		isSending = false;
	}

	function stop(): void {
		clearTimeout(ending);
		if (repeating === undefined) return;
		clearInterval(repeating);
		repeating = undefined;
		void send(false);
	}

	function goOn(): void {
		clearTimeout(ending);
		ending = setTimeout(stop, TYPING_MS);
		if (repeating !== undefined) return;
		repeating = setInterval(send, REPEAT_MS, true);
		void send(true);
	}

	life.on('left', stop);
	return (on) => (on ? goOn() : stop());
}
