import type { Timeline } from '../engine/clock.ts';

/** Who has no answer after so long, in milliseconds, sends the same again. */
const RETRY_MS = 150;

/** Sends a command on its way to a service, which calls back at most once for each copy that arrives. */
export type Send<Command, Outcome> = (command: Command, answer: (outcome: Outcome) => void) => void;

const ANY_OUTCOME = () => true;

/** Clients over a network that loses what they send and what they hear: each tries until it is answered. */
export class Insistence<Command, Outcome> {
	readonly #timeline: Timeline;
	readonly #send: Send<Command, Outcome>;
	#unanswered = 0;

	constructor(timeline: Timeline, send: Send<Command, Outcome>) {
		this.#timeline = timeline;
		this.#send = send;
	}

	get allAnswered(): boolean {
		return this.#unanswered === 0;
	}

	/** Somebody is to send something soon, … */
	hold(): void {
		this.#unanswered++;
	}

	/** … and does so now. */
	release(): void {
		this.#unanswered--;
	}

	/** `isFinal`: whether an outcome is the answer; after any other one the command is sent again. Default: every one is. */
	insist(
		command: Command,
		then: (outcome: Outcome) => void,
		isFinal: (outcome: Outcome) => boolean = ANY_OUTCOME,
	): void {
		this.#unanswered++;
		let answered = false;
		const attempt = () => {
			if (answered) return;
			this.#send(command, (outcome) => {
				if (answered || !isFinal(outcome)) return;
				answered = true;
				this.#unanswered--;
				then(outcome);
			});
			this.#timeline.after(RETRY_MS, attempt);
		};
		attempt();
	}
}
