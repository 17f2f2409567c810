import { CommentsElement } from './comments/comments-element.ts';
import type { LikewireComments, LikewireHearts, LikewirePlayer, LikewireReactions } from './elements.ts';
import { HeartsElement } from './hearts/hearts-element.ts';
import { PlayerElement } from './player/player-element.ts';
import { ReactionsElement } from './reactions/reactions-element.ts';

export type { Flight, Live, LiveEvents, Place } from './base/live.ts';
export { setDefaultGateway } from './base/live-element.ts';
export { setTexts, type Text, type Texts } from './base/texts.ts';
export type {
	LikewireComments,
	LikewireElement,
	LikewireHearts,
	LikewirePlayer,
	LikewireReactions,
} from './elements.ts';

const ELEMENTS = {
	'likewire-hearts': HeartsElement,
	'likewire-reactions': ReactionsElement,
	'likewire-comments': CommentsElement,
	'likewire-player': PlayerElement,
};

// Node, which renders pages for other frameworks, has no registry. A page may load two copies of this script.
if (typeof customElements === 'object') {
	for (const [name, element] of Object.entries(ELEMENTS)) {
		if (customElements.get(name) === undefined) customElements.define(name, element);
	}
}

declare global {
	interface HTMLElementTagNameMap {
		'likewire-player': LikewirePlayer;
		'likewire-hearts': LikewireHearts;
		'likewire-reactions': LikewireReactions;
		'likewire-comments': LikewireComments;
	}
}
