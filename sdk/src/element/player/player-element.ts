import type { LikewireError } from '../../errors.ts';
import { make } from '../base/dom.ts';
import type { Live } from '../base/live.ts';
import { LiveElement } from '../base/live-element.ts';
import type { Texts } from '../base/texts.ts';
import type { LikewirePlayer } from '../elements.ts';
import { parseStart, positionAt, type Span, wholeSpan } from '../pace/program-time.ts';
import { onDoubleTap } from './double-tap.ts';
import { createFullscreen, type Fullscreen } from './fullscreen.ts';
import { type Playback, play } from './media-source.ts';
import { createPacing, type Pacing } from './pacing.ts';
import { STYLES } from './styles.ts';

const TEXTS: Texts = {
	player: 'Live video',
	captions: 'Captions',
	fullscreen: 'Full screen',
	'leave-fullscreen': 'Leave full screen',
};

/** Attributes that the video takes as they are. */
const OF_VIDEO = ['poster', 'loop', 'muted', 'crossorigin'];
const OF_PACE = ['sync', 'started-at'];
const OWN = ['src', 'captions', 'autoplay', ...OF_PACE, ...OF_VIDEO];

const CORNERS = 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5';

function drawCorners(): SVGSVGElement {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
	path.setAttribute('d', CORNERS);
	svg.append(path);
	return svg;
}

/**
 * `<likewire-player>`: a video with its reactions over it, also on the full screen.
 * A double tap on the video is a heart. Elements inside of it, and those that name it in `for`, show its reactions.
 */
export class PlayerElement extends LiveElement implements LikewirePlayer {
	static override readonly observedAttributes = [...LiveElement.observedAttributes, ...OWN];
	static override readonly properties = [
		...LiveElement.properties,
		...['src', 'poster', 'captions', 'autoplay', 'sync', 'startedAt'],
	];
	protected override readonly defaults = TEXTS;
	// `controls` of the browser: users know them, and they speak the language of the user.
	readonly #media = make('video', { part: 'video', controls: true, playsinline: true, controlslist: 'nofullscreen' });
	readonly #button = make('button', { type: 'button', part: 'fullscreen' }, drawCorners());
	readonly #children = new MutationObserver(() => this.#showTracks());
	#fullscreen: Fullscreen | undefined;
	readonly #stage: HTMLElement;
	#playback: Playback | undefined;
	#pacing: Pacing | undefined;
	#played = '';

	constructor() {
		super(STYLES);
		const hearts = make('likewire-hearts', { part: 'hearts', exportparts: 'canvas' });
		this.#stage = make('div', { part: 'stage' }, this.#media, hearts, this.#button);
		this.root.append(this.#stage, make('slot'));
		this.#button.addEventListener('click', () => this.#fullscreen?.toggle());
		onDoubleTap(this.#media, (place) => this.live?.like('heart', place));
	}

	/** The address of a file or of an HLS stream. */
	get src(): string {
		return this.getAttribute('src') ?? '';
	}
	set src(src: string) {
		this.setAttribute('src', src);
	}

	/** The address of an image that shows before the video plays. */
	get poster(): string {
		return this.getAttribute('poster') ?? '';
	}
	set poster(src: string) {
		this.setAttribute('poster', src);
	}

	/** The address of captions as WebVTT, in the language of the element. */
	get captions(): string {
		return this.getAttribute('captions') ?? '';
	}
	set captions(src: string) {
		this.setAttribute('captions', src);
	}

	/** Whether the video starts by itself: without sound, and not for users that asked for less motion. */
	get autoplay(): boolean {
		return this.hasAttribute('autoplay');
	}
	set autoplay(isOn: boolean) {
		this.toggleAttribute('autoplay', isOn);
	}

	/** Whether reactions of other viewers wait until this viewer sees what they saw. */
	get sync(): boolean {
		return this.hasAttribute('sync');
	}
	set sync(isOn: boolean) {
		this.toggleAttribute('sync', isOn);
	}

	/** The time of the program at second 0 of the media, as an ISO time or Unix milliseconds. */
	get startedAt(): string {
		return this.getAttribute('started-at') ?? '';
	}
	set startedAt(start: string) {
		this.setAttribute('started-at', start);
	}

	/** The time of the program that this viewer sees, in Unix milliseconds; undefined when it is not known. */
	get position(): number | undefined {
		return positionAt(this.#spans(), this.#media.currentTime);
	}

	/** The video element, for its methods and events. */
	get media(): HTMLVideoElement {
		return this.#media;
	}

	override connectedCallback(): void {
		super.connectedCallback();
		this.#fullscreen ??= createFullscreen(this, () => this.#labelButton());
		this.#children.observe(this, { childList: true, subtree: true, attributes: true });
		this.#showTracks();
	}

	override attributeChangedCallback(name: string): void {
		if (OF_VIDEO.includes(name)) {
			const value = this.getAttribute(name);
			if (value === null) this.#media.removeAttribute(name);
			else this.#media.setAttribute(name, value);
			// The attribute alone sets the start value of a video that the parser makes.
			if (name === 'muted') this.#media.muted = value !== null;
		} else if (name === 'captions' && this.words !== undefined) this.#showTracks();
		else if (OF_PACE.includes(name)) this.#pacing?.update();
		super.attributeChangedCallback(name);
	}

	protected override settle(): void {
		super.settle();
		const src = this.isConnected ? this.src : '';
		if (src !== this.#played) {
			this.#played = src;
			this.#playback?.stop();
			this.#playback = src === '' ? undefined : play(this.#media, src, (error) => this.emit('error', { error }));
			if (src !== '' && this.autoplay) this.#start();
		}
		if (this.isConnected) return;
		this.#children.disconnect();
		this.#fullscreen?.stop();
		this.#fullscreen = undefined;
	}

	/** Shows reactions when this viewer sees what their likers saw. Followers of the player show the same. */
	protected override present(live: Live): Live {
		const player = {
			root: this.root,
			stage: this.#stage,
			media: this.#media,
			spans: () => this.#spans(),
			isRecording: () => this.#playback?.isRecording() ?? false,
			words: (defaults: Texts) => this.wordsWith(defaults),
			onError: (error: LikewireError) => this.emit('error', { error }),
		};
		this.#pacing = createPacing(live, player, () => this.sync);
		return this.#pacing.live;
	}

	protected override follow(live: Live, isOwn: boolean): () => void {
		if (!isOwn) return () => {};
		const pacing = this.#pacing;
		pacing?.update();
		const unbinds = [
			live.on('totals', (totals) => this.emit('totals', { totals })),
			live.on('ended', (totals) => this.emit('ended', { totals })),
			live.on('like', (like) => this.emit('like', like)),
			live.on('comment', (comment) => this.emit('comment', comment)),
		];
		return () => {
			for (const unbind of unbinds) unbind();
			pacing?.close();
			this.#pacing = undefined;
		};
	}

	protected override localize(): void {
		this.#pacing?.localize();
		this.#media.setAttribute('aria-label', this.words.text('player'));
		this.#labelButton();
		this.#showTracks();
	}

	#spans(): readonly Span[] {
		const start = parseStart(this.startedAt);
		return start === undefined ? (this.#playback?.spans() ?? []) : wholeSpan(start);
	}

	/** Starts the video. Browsers let it start by itself only without sound. */
	#start(): void {
		if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
		this.#media.muted = true;
		this.#media.autoplay = true;
	}

	#labelButton(): void {
		const isOn = this.#fullscreen?.isOn ?? false;
		this.#button.setAttribute('aria-label', this.words.text(isOn ? 'leave-fullscreen' : 'fullscreen'));
	}

	/** Gives the video the `<track>` children of the element, and the one that `captions` names. */
	#showTracks(): void {
		const tracks = [...this.querySelectorAll(':scope > track')].map((track) => track.cloneNode() as HTMLTrackElement);
		if (this.captions !== '') {
			const srclang = this.lang || document.documentElement.lang || 'en';
			const label = this.words.text('captions');
			tracks.push(make('track', { kind: 'captions', src: this.captions, srclang, label, default: true }));
		}
		const shown = [...this.#media.querySelectorAll('track')];
		if (shown.length === tracks.length && shown.every((track, place) => track.isEqualNode(tracks[place] ?? null)))
			return;
		this.#media.replaceChildren(...tracks);
	}
}
