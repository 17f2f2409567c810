import { LikewireError } from '../../errors.ts';
import type { Live } from '../base/live.ts';
import { LiveElement } from '../base/live-element.ts';
import type { LikewireComments } from '../elements.ts';
import type { CommentsPanel } from './comments-panel.ts';

/**
 * `<likewire-comments>`: the comments of a video, and a form for the next one.
 * It loads its list with the first video that it shows.
 */
export class CommentsElement extends LiveElement implements LikewireComments {
	protected override readonly defaults = {};
	#panel: CommentsPanel | undefined;

	constructor() {
		super(':host { min-height: 12em; }');
	}

	protected override follow(live: Live, isOwn: boolean): () => void {
		let isOver = false;
		let unfollow: (() => void) | undefined;
		this.#load().then(
			(panel) => {
				if (!isOver) unfollow = panel.follow(live);
			},
			(cause) => {
				if (!isOver)
					this.emit('error', { error: new LikewireError('network', 'The comments did not load.', { cause }) });
			},
		);
		const unbinds = [
			live.on('comment', (comment) => {
				if (isOwn) this.emit('comment', comment);
			}),
		];
		return () => {
			isOver = true;
			unfollow?.();
			for (const unbind of unbinds) unbind();
		};
	}

	protected override localize(): void {
		this.#panel?.localize(this.wordsWith(this.#panel.defaults));
	}

	/** Loads what only a page with comments needs. The form stays for the life of the element, with what is written in it. */
	async #load(): Promise<CommentsPanel> {
		const { createCommentsPanel } = await import('./comments-panel.ts');
		if (this.#panel === undefined) {
			this.#panel = createCommentsPanel(this.root, (error) => this.emit('error', { error }));
			this.localize();
		}
		return this.#panel;
	}
}
