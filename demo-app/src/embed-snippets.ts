/** What the snippets of a player show. Addresses are as the page that takes the snippet needs them. */
export interface EmbedOptions {
	readonly video: string;
	/** Empty for reactions over the poster alone. */
	readonly src: string;
	/** Empty for none. */
	readonly poster: string;
	readonly autoplay: boolean;
	readonly muted: boolean;
	readonly loop: boolean;
	readonly comments: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const quoted = (text: string) => `"${text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')}"`;

/** Returns the switches of a player that are on, in the order of its attributes. */
function switchesOf({ src, autoplay, muted, loop }: EmbedOptions): string[] {
	// Nothing plays without an address.
	return src === '' ? [] : Object.entries({ autoplay, muted, loop }).flatMap(([name, isOn]) => (isOn ? [name] : []));
}

/** Returns the elements of a player for a page, with the script that defines them. */
export function tagSnippet(gateway: string, options: EmbedOptions): string {
	const { video, src, poster, comments } = options;
	const attributes = Object.entries({ video, src, poster }).filter(([, value]) => value !== '');
	return [
		`<script type="module" src=${quoted(`${gateway}/element.js`)}></script>`,
		'',
		'<likewire-player',
		...attributes.map(([name, value]) => `  ${name}=${quoted(value)}`),
		...(switchesOf(options).length > 0 ? [`  ${switchesOf(options).join(' ')}`] : []),
		'>',
		'  <likewire-reactions></likewire-reactions>',
		'</likewire-player>',
		...(comments ? [`<likewire-comments video=${quoted(video)}></likewire-comments>`] : []),
	].join('\n');
}

/** Returns the address of the embed of a gateway. */
export function embedAddress(gateway: string, options: EmbedOptions): string {
	const { video, src, poster, comments } = options;
	const addresses = Object.entries({ src, poster }).filter(([, value]) => value !== '');
	const switches = [...switchesOf(options), ...(comments ? ['comments'] : [])];
	// Of what an address may have as it is, these let a person read the addresses in it.
	const readable = (text: string) => encodeURIComponent(text).replace(/%(2F|3A)/g, decodeURIComponent);
	const query = [...addresses.map(([name, value]) => `${name}=${readable(value)}`), ...switches].join('&');
	return `${gateway}/embed/${encodeURIComponent(video)}${query === '' ? '' : `?${query}`}`;
}

/** Returns a frame with the embed of a gateway. */
export function frameSnippet(gateway: string, options: EmbedOptions): string {
	return [
		'<iframe',
		`  src=${quoted(embedAddress(gateway, options))}`,
		`  width="640" height="${options.comments ? 720 : 412}"`,
		'  title="Live video" allow="autoplay; fullscreen"',
		'  style="border: 0"',
		'></iframe>',
	].join('\n');
}
