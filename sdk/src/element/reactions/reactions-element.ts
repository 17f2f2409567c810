import type { Totals } from '@likewire/protocol';
import { paintReaction } from '../../hearts/index.ts';
import { type Announcer, createAnnouncer } from '../base/announcer.ts';
import { make, setText } from '../base/dom.ts';
import type { Live } from '../base/live.ts';
import { LiveElement } from '../base/live-element.ts';
import type { Texts } from '../base/texts.ts';
import type { LikewireReactions } from '../elements.ts';
import { STYLES } from './styles.ts';

const TYPES = 'heart like clap laugh wow';

const TEXTS: Texts = {
	reactions: 'Reactions',
	'reaction-heart': 'Heart',
	'reaction-like': 'Like',
	'reaction-clap': 'Clap',
	'reaction-laugh': 'Laugh',
	'reaction-wow': 'Wow',
	'reactions-so-far': { one: '{count} reaction', other: '{count} reactions' },
	ended: 'The video has ended.',
};

/** The edge of an icon in pixels of its canvas: larger than shown, for screens with three pixels for one. */
const ICON_PIXELS = 84;

function drawIcon(type: string): HTMLCanvasElement {
	const icon = make('canvas', { 'aria-hidden': 'true', part: 'icon' });
	icon.width = icon.height = ICON_PIXELS;
	const context = icon.getContext('2d');
	if (context) paintReaction(context, type, ICON_PIXELS);
	return icon;
}

interface Reaction {
	readonly type: string;
	readonly button: HTMLButtonElement;
	readonly label: HTMLElement;
	readonly count: HTMLElement;
}

/**
 * `<likewire-reactions>`: a button with an exact total for each reaction.
 * A tap shows at once, also without a connection. Once the video is over, the buttons are disabled and keep the focus.
 */
export class ReactionsElement extends LiveElement implements LikewireReactions {
	static override readonly observedAttributes = [...LiveElement.observedAttributes, 'types'];
	static override readonly properties = [...LiveElement.properties, 'types'];
	protected override readonly defaults = TEXTS;
	readonly #group = make('div', { role: 'group', part: 'group' });
	readonly #status = make('p', { role: 'status', class: 'unseen' });
	readonly #announcer: Announcer = createAnnouncer(this.#status);
	#reactions: readonly Reaction[] = [];
	#shown: Totals = {};
	#isOver = false;

	constructor() {
		super(STYLES);
		this.root.append(this.#group, this.#status);
	}

	/** The reactions, separated by spaces. */
	get types(): string {
		return this.getAttribute('types') || TYPES;
	}
	set types(types: string) {
		this.setAttribute('types', types);
	}

	override connectedCallback(): void {
		super.connectedCallback();
		this.#makeButtons();
	}

	override attributeChangedCallback(name: string): void {
		if (name !== 'types') super.attributeChangedCallback(name);
		// The page may set it before the element is in a document.
		else if (this.words !== undefined) this.#makeButtons();
	}

	protected override follow(live: Live, isOwn: boolean): () => void {
		this.#setOver(live.video.ended);
		this.#show(live.totals);
		const unbinds = [
			live.on('totals', (totals) => {
				this.#show(totals);
				this.#announceTotals();
				if (isOwn) this.emit('totals', { totals });
			}),
			live.on('ended', (totals) => {
				this.#setOver(true);
				if (isOwn) this.emit('ended', { totals });
			}),
			live.on('like', (like) => {
				if (isOwn) this.emit('like', like);
			}),
		];
		return () => {
			for (const unbind of unbinds) unbind();
			this.#announcer.stop();
			this.#setOver(false);
			this.#show({});
		};
	}

	protected override localize(): void {
		this.#group.setAttribute('aria-label', this.words.text('reactions'));
		for (const { type, label } of this.#reactions) setText(label, this.words.text(`reaction-${type}`));
		this.#show(this.#shown);
		if (this.#isOver) setText(this.#status, this.words.text('ended'));
	}

	/** Makes the buttons that are missing, and drops those that `types` no longer names. */
	#makeButtons(): void {
		const types = [...new Set(this.types.split(/\s+/).filter((type) => type !== ''))];
		const known = new Map(this.#reactions.map((reaction) => [reaction.type, reaction]));
		this.#reactions = types.map((type) => known.get(type) ?? this.#makeButton(type));
		const buttons = this.#reactions.map(({ button }) => button);
		for (const button of [...this.#group.children]) if (!buttons.includes(button as HTMLButtonElement)) button.remove();
		for (const [place, button] of buttons.entries()) {
			// A button that is moved loses the focus.
			if (this.#group.children[place] !== button) this.#group.insertBefore(button, this.#group.children[place] ?? null);
		}
		this.#show(this.#shown);
	}

	#makeButton(type: string): Reaction {
		const label = make('span', { class: 'unseen' }, this.words.text(`reaction-${type}`));
		const count = make('span', { part: 'count' });
		const icon = make('slot', { name: `icon-${type}` }, drawIcon(type));
		const button = make(
			'button',
			{ type: 'button', part: `reaction reaction-${type}`, 'data-type': type },
			icon,
			label,
			' ',
			count,
		);
		if (this.#isOver) button.setAttribute('aria-disabled', 'true');
		button.addEventListener('click', () => {
			if (!this.#isOver) this.live?.like(type);
		});
		// A key that is held down is one tap.
		button.addEventListener('keydown', (event) => {
			if (event.repeat && event.key === 'Enter') event.preventDefault();
		});
		return { type, button, label, count };
	}

	#show(totals: Totals): void {
		this.#shown = totals;
		for (const { type, count } of this.#reactions) {
			const total = totals[type] ?? 0;
			count.dataset.value = String(total);
			setText(count, this.words.number(total));
		}
	}

	#announceTotals(): void {
		let count = 0;
		for (const total of Object.values(this.#shown)) count += total;
		if (!this.#isOver) this.#announcer.later(this.words.text('reactions-so-far', { count }));
	}

	#setOver(isOver: boolean): void {
		if (isOver && !this.#isOver) this.#announcer.now(this.words.text('ended'));
		this.#isOver = isOver;
		// Not `disabled`, which would drop the focus of a user at the keyboard.
		for (const { button } of this.#reactions) button.setAttribute('aria-disabled', String(isOver));
	}
}
