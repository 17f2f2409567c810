import { describe, expect, it } from 'vitest';
import { parseParameters } from './parameters.ts';

const parse = (address: string, origin = 'https://live.example') => parseParameters(new URL(address, origin));

describe('parseParameters', () => {
	it('reads the video, the player, the reactions, and the token of the fragment', () => {
		const query =
			'src=https://cdn.example/a.m3u8&poster=/p.webp&started-at=1700000000000&lang=de&sync&autoplay=1&loop=0';
		expect(parse(`/embed/some%3Avideo~1?${query}&types=heart,wow&comments#token=a.b.c`)).toEqual({
			video: 'some:video~1',
			player: {
				src: 'https://cdn.example/a.m3u8',
				poster: 'https://live.example/p.webp',
				'started-at': '1700000000000',
				lang: 'de',
				sync: '',
				autoplay: '',
			},
			types: 'heart wow',
			comments: true,
			token: 'a.b.c',
			problems: [],
		});
		expect(parse('/embed/show')).toEqual({
			video: 'show',
			player: {},
			types: undefined,
			comments: false,
			token: undefined,
			problems: [],
		});
	});

	it('loads media with CORS when its captions are of another origin', () => {
		expect(parse('/embed/v?captions=https://cdn.example/en.vtt').player.crossorigin).toBe('anonymous');
		expect(parse('/embed/v?captions=/en.vtt').player.crossorigin).toBeUndefined();
	});

	it.each([
		'javascript:alert(1)',
		'data:video/mp4,x',
		'blob:https://live.example/x',
		'file:///etc/passwd',
		'http://cdn.example/a.mp4',
		'http://localhost:9/a.mp4',
		'http://live.example/a.mp4',
		'https://',
		' JavaScript:alert(1)',
	])('refuses %j as an address of media', (address) => {
		for (const name of ['src', 'poster', 'captions']) {
			const { player, problems } = parse(`/embed/v?${new URLSearchParams({ [name]: address })}`);
			expect(player).toEqual({});
			expect(problems).toEqual([expect.stringContaining(`'${name}' is refused`)]);
		}
	});

	it('allows media of this machine to a gateway of this machine', () => {
		const address = '/embed/v?src=http://localhost:9/a.mp4';
		expect(parse(address, 'http://127.0.0.1:8080')).toMatchObject({ problems: [] });
		expect(parse('/embed/v?src=http://cdn.example/a.mp4', 'http://127.0.0.1:8080').problems).toHaveLength(1);
		expect(parse('/embed/v?src=//cdn.example/a.mp4', 'http://127.0.0.1:8080').problems).toHaveLength(1);
	});
});
