import type { LikewireError } from '../../errors.ts';
import type { ClientOptions } from '../../options.ts';
import { adoptStyles } from './dom.ts';
import type { Live } from './live.ts';
import { type Address, isSameAddress, type Lease, lease } from './shared-lives.ts';
import { SHARED_STYLES } from './styles.ts';
import { createWords, onTexts, type Texts, type Words } from './texts.ts';

/** The class of all elements. Node, which renders pages for other frameworks, has none. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** The name of the element that others follow. */
const PLAYER = 'likewire-player';

/** Elements in a document, of which a player that comes later may be the one they follow. */
const attached = new Set<LiveElement>();

let defaultGateway: string | undefined;

/** Sets the gateway of elements without a `gateway`. Default: the origin of the page. */
export function setDefaultGateway(url: string): void {
	defaultGateway = url;
}

/** What an address named; without a lease after a failure, which is not tried again until the address changes. */
interface Opened extends Partial<Lease> {
	readonly address: Address;
}

const COMMON = ['video', 'gateway', 'token', 'user', 'for', 'lang'];

/**
 * An element that shows something of a live video: of its own `video`, or of a player.
 * The player is the one that `for` names by its id, or the nearest one around the element.
 */
export abstract class LiveElement extends Base {
	static readonly observedAttributes: readonly string[] = COMMON;
	/** The names of properties that a page may set before the element is defined. */
	static readonly properties: readonly string[] = ['video', 'gateway', 'token', 'user', 'htmlFor', 'texts'];

	protected readonly root: ShadowRoot = this.attachShadow({ mode: 'open' });
	#token: ClientOptions['token'];
	#texts: Texts = {};
	#opened: Opened | undefined;
	#live: Live | undefined;
	/** What `present` made `#live` of. */
	#presented: Live | undefined;
	#unfollow: (() => void) | undefined;
	#offTexts: (() => void) | undefined;
	#isDue = false;

	/** The default texts of the element. */
	protected abstract readonly defaults: Texts;
	/** Undefined until the element is in a document. */
	protected words!: Words;

	constructor(styles: string) {
		super();
		adoptStyles(this.root, SHARED_STYLES, styles);
	}

	/** Starts to show a video, its own or that of a player. Returns a function that ends it. */
	protected abstract follow(live: Live, isOwn: boolean): () => void;
	/** Returns an own video as this element and its followers show it. Called before `follow`. */
	protected present(live: Live): Live {
		return live;
	}
	/** Writes the texts of the element again: its language or its texts changed. */
	protected abstract localize(): void;

	/** The id of the video. */
	get video(): string {
		return this.getAttribute('video') ?? '';
	}
	set video(id: string) {
		this.setAttribute('video', id);
	}

	/** The gateway's address, or several, separated by spaces. */
	get gateway(): string {
		return this.getAttribute('gateway') ?? '';
	}
	set gateway(url: string) {
		this.setAttribute('gateway', url);
	}

	/** The user, at a gateway in development mode. */
	get user(): string {
		return this.getAttribute('user') ?? '';
	}
	set user(user: string) {
		this.setAttribute('user', user);
	}

	/** A JWT, or a function that fetches one. Not reflected, since a token is a secret. */
	get token(): ClientOptions['token'] {
		return this.#token ?? this.getAttribute('token') ?? undefined;
	}
	set token(token: ClientOptions['token']) {
		this.#token = token;
		this.settleLater();
	}

	/** The id of the player, for an element that is not inside of it. */
	get htmlFor(): string {
		return this.getAttribute('for') ?? '';
	}
	set htmlFor(id: string) {
		this.setAttribute('for', id);
	}

	/** Texts of this element alone. */
	get texts(): Texts {
		return this.#texts;
	}
	set texts(texts: Texts) {
		this.#texts = texts;
		if (this.isConnected) this.#localize();
	}

	/** The video that the element shows; undefined while it shows none. */
	get live(): Live | undefined {
		return this.#live;
	}

	connectedCallback(): void {
		this.#upgrade();
		this.#localize();
		attached.add(this);
		this.#offTexts ??= onTexts(() => this.#localize());
		this.settleLater();
	}

	disconnectedCallback(): void {
		this.settleLater();
	}

	attributeChangedCallback(name: string): void {
		if (name === 'lang' && this.isConnected) this.#localize();
		this.settleLater();
	}

	/** Follows what the attributes name, after this turn: a page changes several, or moves the element. */
	protected settleLater(): void {
		if (this.#isDue) return;
		this.#isDue = true;
		queueMicrotask(() => {
			this.#isDue = false;
			this.settle();
		});
	}

	/** Follows what the attributes name now. */
	protected settle(): void {
		if (!this.isConnected) {
			attached.delete(this);
			this.#offTexts?.();
			this.#offTexts = undefined;
		}
		const before = this.#opened;
		const address = this.isConnected ? this.#address() : undefined;
		if (!isSameAddress(address, before?.address)) this.#opened = address && this.#open(address);
		const own = this.#opened?.live;
		const isFollower = this.isConnected && address === undefined;
		this.#show(own ?? (isFollower ? this.#player()?.live : undefined), own !== undefined);
		// After the next one opened: the two may share a client.
		if (before !== this.#opened) before?.release?.();
	}

	/** Dispatches an event that bubbles out of shadow roots. */
	protected emit(name: string, detail: unknown): void {
		this.dispatchEvent(new CustomEvent(`likewire-${name}`, { detail, bubbles: true, composed: true }));
	}

	#address(): Address | undefined {
		if (this.video === '') return undefined;
		const gateway = this.gateway.trim() || defaultGateway || location.origin;
		return { gateway, token: this.token, user: this.user || undefined, video: this.video };
	}

	#open(address: Address): Opened {
		try {
			return { address, ...lease(address) };
		} catch (error) {
			this.emit('error', { error });
			return { address };
		}
	}

	#show(live: Live | undefined, isOwn: boolean): void {
		if (live === this.#presented) return;
		this.#unfollow?.();
		this.#presented = live;
		this.#live = live && isOwn ? this.present(live) : live;
		this.#unfollow = this.#live && this.#follow(this.#live, isOwn);
		if (this.localName !== PLAYER) return;
		for (const element of attached) if (element !== this) element.settleLater();
	}

	#follow(live: Live, isOwn: boolean): () => void {
		const unfollow = this.follow(live, isOwn);
		// What happened once is one event: an element of a player leaves it to the player.
		if (!isOwn) return unfollow;
		const unbinds = [
			live.on('state', (state) => this.emit('state', { state })),
			live.on('error', (error: LikewireError) => this.emit('error', { error })),
		];
		return () => {
			unfollow();
			for (const unbind of unbinds) unbind();
		};
	}

	/** Takes the properties that a page set while the element was not defined. */
	#upgrade(): void {
		for (const name of (this.constructor as typeof LiveElement).properties) {
			if (!Object.hasOwn(this, name)) continue;
			const value = Reflect.get(this, name);
			Reflect.deleteProperty(this, name);
			Reflect.set(this, name, value);
		}
	}

	#localize(): void {
		this.words = this.wordsWith(this.defaults);
		this.localize();
	}

	/** Returns the words of the element, with texts that a part brings. */
	protected wordsWith(defaults: Texts): Words {
		const lang = this.closest('[lang]')?.getAttribute('lang') || document.documentElement.lang || navigator.language;
		return createWords(lang, defaults, this.#texts);
	}

	/** Returns the player that `for` names, or the nearest one around this element, also outside of its shadow roots. */
	#player(): LiveElement | undefined {
		const root = this.getRootNode() as Document | ShadowRoot;
		let player = this.htmlFor === '' ? null : root.getElementById(this.htmlFor);
		for (let inner: Element | null = this; this.htmlFor === '' && player === null && inner !== null; ) {
			player = inner.closest<HTMLElement>(PLAYER);
			const around: Node = inner.getRootNode();
			inner = around instanceof ShadowRoot ? around.host : null;
		}
		return player instanceof LiveElement && player !== this ? player : undefined;
	}
}
