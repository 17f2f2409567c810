import { createHearts, type Hearts, type HeartsOptions } from '../../hearts/index.ts';
import { make } from '../base/dom.ts';
import type { Live } from '../base/live.ts';
import { LiveElement } from '../base/live-element.ts';
import type { LikewireHearts } from '../elements.ts';

const STYLES = `
:host { position: relative; pointer-events: none; }
::slotted(*) { pointer-events: auto; }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
`;

const createCanvas = () => make('canvas', { part: 'canvas', 'aria-hidden': 'true' });

/**
 * `<likewire-hearts>`: the reactions of a video, floating over the box of the element and over what is inside it.
 * Screen readers skip it: the totals are in `<likewire-reactions>`.
 */
export class HeartsElement extends LiveElement implements LikewireHearts {
	static override readonly observedAttributes = [...LiveElement.observedAttributes, 'max-particles'];
	static override readonly properties = [...LiveElement.properties, 'options', 'maxParticles'];
	protected override readonly defaults = {};
	#canvas = createCanvas();
	#hearts: Hearts | undefined;
	#options: HeartsOptions = {};

	constructor() {
		super(STYLES);
		this.root.append(make('slot'), this.#canvas);
	}

	/** The most particles drawn at a time; 0 for the default. */
	get maxParticles(): number {
		return Number(this.getAttribute('max-particles')) || 0;
	}
	set maxParticles(most: number) {
		this.setAttribute('max-particles', String(most));
	}

	/** How reactions are drawn: drawings of your own types, where hearts rise from. */
	get options(): HeartsOptions {
		return this.#options;
	}
	set options(options: HeartsOptions) {
		this.#options = options;
		this.#draw();
	}

	override attributeChangedCallback(name: string): void {
		if (name === 'max-particles') this.#draw();
		else super.attributeChangedCallback(name);
	}

	protected override follow(live: Live): () => void {
		this.#hearts = this.#createHearts();
		const unbind = live.on('flight', ({ from, ...flight }) =>
			this.#hearts?.burst({ ...flight, ...(from && { from }) }),
		);
		return () => {
			unbind();
			this.#hearts?.stop();
			this.#hearts = undefined;
		};
	}

	protected override localize(): void {}

	#settings(): HeartsOptions {
		return { ...(this.maxParticles > 0 && { maxParticles: this.maxParticles }), ...this.#options };
	}

	/** Draws with the present options. */
	#draw(): void {
		if (this.#hearts === undefined) return;
		this.#hearts.stop();
		this.#hearts = this.#createHearts();
	}

	/** Each on a canvas of its own: a worker never gives one back, and takes none that the page drew on. */
	#createHearts(): Hearts {
		const canvas = createCanvas();
		this.#canvas.replaceWith(canvas);
		this.#canvas = canvas;
		return createHearts(canvas, this.#settings());
	}
}
