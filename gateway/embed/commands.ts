import type { LikewirePlayer } from '@likewire/sdk/element';
import type { Command } from './parent-page.ts';

/** The player of an embed. */
export interface Stage {
	readonly player: LikewirePlayer;
	/** Undefined where the address names no video to play. */
	readonly media: HTMLVideoElement | undefined;
}

/** Why a command was refused, for the page that sent it. */
export interface CommandProblem {
	readonly code: 'invalid_message' | 'no_media' | 'not_allowed';
	readonly message: string;
}

const REACTION = /^[a-z][a-z0-9_-]{0,31}$/;

/** Returns the checks and effects of the commands of the parent page. `hello` has none but its answer. */
export function createCommands(
	{ player, media }: Stage,
	onProblem: (problem: CommandProblem) => void,
	onHello: () => void,
): (command: Command) => void {
	const invalid = (message: string) => onProblem({ code: 'invalid_message', message });

	function control(act: (media: HTMLVideoElement) => void): void {
		if (media === undefined) onProblem({ code: 'no_media', message: "The address of the embed has no 'src'." });
		else act(media);
	}

	const commands: Readonly<Record<string, (command: Command) => void>> = {
		hello({ token }) {
			if (typeof token === 'string' && token !== '') player.token = token;
			else if (token !== undefined) return invalid("'token' is a JWT.");
			onHello();
		},
		play: () =>
			control((media) => {
				media.play().catch((error: DOMException) => {
					// A pause right after it, or another source, is no refusal.
					if (error.name === 'NotAllowedError') {
						const message = 'The browser starts a video with sound only after a tap in the frame: mute it first.';
						onProblem({ code: 'not_allowed', message });
					}
				});
			}),
		pause: () => control((media) => media.pause()),
		mute: () =>
			control((media) => {
				media.muted = true;
			}),
		unmute: () =>
			control((media) => {
				media.muted = false;
			}),
		seek: ({ to }) =>
			control((media) => {
				if (typeof to === 'number' && Number.isFinite(to) && to >= 0) media.currentTime = to;
				else invalid("'to' of a seek is a number of seconds.");
			}),
		like({ type = 'heart' }) {
			if (typeof type === 'string' && REACTION.test(type)) player.live?.like(type);
			else invalid("'type' of a like is the name of a reaction.");
		},
	};
	return (command) => {
		if (Object.hasOwn(commands, command.do)) commands[command.do]?.(command);
		else invalid(`'do' is one of ${Object.keys(commands).join(', ')}.`);
	};
}
