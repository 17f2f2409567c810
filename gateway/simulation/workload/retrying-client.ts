import type { Clock } from '../engine/clock.ts';

/** A client without an answer sends the same command again after this time, in milliseconds. */
const RETRY_MS = 150;

/** Sends a command to a service, which calls back at most once for each copy that arrives. */
export type Send<Command, Outcome> = (command: Command, answer: (outcome: Outcome) => void) => void;

const ANY_OUTCOME = () => true;

/** Clients over a network that loses requests and answers: each sends again until it is answered. */
export class RetryingClient<Command, Outcome> {
	readonly #clock: Clock;
	readonly #send: Send<Command, Outcome>;
	#unanswered = 0;

	constructor(clock: Clock, send: Send<Command, Outcome>) {
		this.#clock = clock;
		this.#send = send;
	}

	get allAnswered(): boolean {
		return this.#unanswered === 0;
	}

	/** Counts a command that a client sends later as unanswered, … */
	hold(): void {
		this.#unanswered++;
	}

	/** … until the client sends it. */
	release(): void {
		this.#unanswered--;
	}

	/**
	 * Sends a command until it is answered. `isFinal`: whether an outcome is the answer; after another one
	 * the client sends again.
	 */
	send(command: Command, then: (outcome: Outcome) => void, isFinal: (outcome: Outcome) => boolean = ANY_OUTCOME): void {
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
			this.#clock.after(RETRY_MS, attempt);
		};
		attempt();
	}
}
