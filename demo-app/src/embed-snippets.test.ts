import { describe, expect, it } from 'vitest';
import { type EmbedOptions, embedAddress, frameSnippet, tagSnippet } from './embed-snippets.ts';

const GATEWAY = 'https://live.example';
const PLAIN: EmbedOptions = {
	video: 'show',
	src: '',
	poster: '',
	autoplay: false,
	muted: false,
	loop: false,
	comments: false,
};
const FULL: EmbedOptions = {
	video: 'show',
	src: 'https://cdn.example/a.m3u8?x=1&y="2"',
	poster: '/p.webp',
	autoplay: true,
	muted: false,
	loop: true,
	comments: true,
};

describe('The snippets of a player', () => {
	it('have the video alone without options', () => {
		expect(
			tagSnippet(GATEWAY, { ...PLAIN, autoplay: true }),
		).toBe(`<script type="module" src="https://live.example/element.js"></script>

<likewire-player
  video="show"
>
  <likewire-reactions></likewire-reactions>
</likewire-player>`);
		expect(frameSnippet(GATEWAY, { ...PLAIN, loop: true })).toBe(`<iframe
  src="https://live.example/embed/show"
  width="640" height="412"
  title="Live video" allow="autoplay; fullscreen"
  style="border: 0"
></iframe>`);
	});

	it('quote addresses, and name the switches that are on', () => {
		const tag = tagSnippet(GATEWAY, FULL);
		expect(tag).toContain(
			'\n  src="https://cdn.example/a.m3u8?x=1&amp;y=&quot;2&quot;"\n  poster="/p.webp"\n  autoplay loop\n',
		);
		expect(tag).toContain('<likewire-comments video="show">');
		const address = embedAddress(GATEWAY, FULL);
		expect(frameSnippet(GATEWAY, FULL)).toContain(`src="${address.replaceAll('&', '&amp;')}"`);
		expect(Object.fromEntries(new URL(address).searchParams)).toEqual({
			src: FULL.src,
			poster: FULL.poster,
			autoplay: '',
			loop: '',
			comments: '',
		});
	});
});
