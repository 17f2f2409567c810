import type { Totals } from '@likewire/protocol';
import type { Emitter, Unbind } from '../../emitter.ts';
import type { LikewireError } from '../../errors.ts';
import type { Live, LiveEvents } from '../base/live.ts';
import type { Texts, Words } from '../base/texts.ts';
import type { Span } from './program-time.ts';

/** Decides when reactions of other viewers show: at their moments of a live program, or of a recording. */
export interface Pace {
	/** The likes to display. */
	readonly totals: Totals;
	/** Writes its texts again. */
	localize(): void;
	/** Ends it. The player then shows the totals of the gateway. */
	stop(): void;
}

/** What a pace has of its player. */
export interface PacedPlayer {
	readonly root: ShadowRoot;
	/** The box over which a pace may draw. */
	readonly stage: HTMLElement;
	readonly media: HTMLVideoElement;
	/** Returns the times of the program in the media; empty when they are not known. */
	spans(): readonly Span[];
	/** Returns whether the media has an end. */
	isRecording(): boolean;
	/** Returns the words of the player, with texts of the pace. */
	words(defaults: Texts): Words;
	onError(error: LikewireError): void;
}

/** What a pace shows of the video. */
export interface Paced {
	readonly player: PacedPlayer;
	/** The video as its events arrive. */
	readonly live: Live;
	readonly events: Emitter<LiveEvents>;
	/** Returns the time of the program that the viewer sees, in Unix milliseconds; undefined when it is not known. */
	playhead(): number | undefined;
	/** Calls a function while the playhead moves: `jumped` is whether it did not play to where it is now. */
	onMove(listener: (jumped: boolean) => void): Unbind;
}
