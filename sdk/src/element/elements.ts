import type { HeartsOptions } from '../hearts/index.ts';
import type { ClientOptions } from '../options.ts';
import type { Live } from './base/live.ts';
import type { Texts } from './base/texts.ts';

/** What the elements have in common. All properties but `token`, `texts` and `live` are attributes, too. */
export interface LikewireElement extends HTMLElement {
	/** The id of the video. */
	video: string;
	/** The gateway's address, or several, separated by spaces. Default: where the script tag came from, or the page's origin. */
	gateway: string;
	/** The user, at a gateway in development mode. Default: a random one. */
	user: string;
	/** A JWT, or a function that fetches one. Also an attribute, which the property does not change: a token is a secret. */
	token: ClientOptions['token'];
	/** The id of the player that the element shows, where it is not inside of it. The attribute is `for`. */
	htmlFor: string;
	/** Texts of this element alone, before those of `setTexts`. */
	texts: Texts;
	/** The video that the element shows; undefined while it shows none. */
	readonly live: Live | undefined;
}

/** `<likewire-hearts>`: reactions that float over the box of the element. */
export interface LikewireHearts extends LikewireElement {
	/** The most particles drawn at a time; 0 for the default. */
	maxParticles: number;
	/** How reactions are drawn: drawings of your own types, where hearts rise from. */
	options: HeartsOptions;
}

/** `<likewire-reactions>`: a button with an exact total for each reaction. */
export interface LikewireReactions extends LikewireElement {
	/** The reactions, separated by spaces. Default: `heart like clap laugh wow`. */
	types: string;
}

/** `<likewire-comments>`: the comments of a video, and a form for the next one. */
export type LikewireComments = LikewireElement;

/** `<likewire-player>`: a video with its reactions over it, also on the full screen. */
export interface LikewirePlayer extends LikewireElement {
	/** The address of a file or of an HLS stream. */
	src: string;
	/** The address of an image that shows before the video plays. */
	poster: string;
	/** The address of captions as WebVTT, in the language of the element. `<track>` children work, too. */
	captions: string;
	/** Whether the video starts by itself: without sound, and not for users that asked for less motion. */
	autoplay: boolean;
	/** Whether reactions of other viewers, hearts and totals, wait until this viewer sees what they saw. */
	sync: boolean;
	/**
	 * The time of the program at second 0 of the media, as an ISO time or Unix milliseconds; the attribute is `started-at`.
	 * Default: the program-date-time of an HLS stream. With it, a recording shows its reactions at their seconds.
	 */
	startedAt: string;
	/** The time of the program that this viewer sees, in Unix milliseconds; undefined when it is not known. */
	readonly position: number | undefined;
	/** The video element, for its methods and events. */
	readonly media: HTMLVideoElement;
}
