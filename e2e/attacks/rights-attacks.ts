import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { inSeconds, signToken } from '../../gateway/test/tokens.ts';
import { type Attack, expectStatuses } from './attack.ts';
import { LOG_ATTACK } from './log-attack.ts';
import { proxyNames, startProxies } from './proxies.ts';
import { requestText, type Stranger } from './stranger.ts';

const VIDEO = 'attacked';
const JSON_TYPE = 'Content-Type: application/json';

/** Headers of requests from pages and proxies, which a gateway in development mode must refuse. */
const FOREIGN = [
	{ what: 'a page of another origin', headers: ['Origin: https://evil.example'] },
	{ what: 'a page without an origin', headers: ['Origin: null'] },
	{ what: 'an image of another site', headers: ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'] },
	{ what: 'a rebound DNS name', headers: [], host: 'evil.example' },
	{ what: 'a proxy', headers: ['Forwarded: for=203.0.113.7'] },
	{ what: 'a proxy', headers: ['X-Forwarded-For: 203.0.113.7'] },
	{ what: 'a proxy', headers: ['Via: 1.1 proxy'] },
] as const;

/** Attacks on the rights of callers. */
export const RIGHTS_ATTACKS: readonly Attack[] = [
	{
		name: '15 connection of another user',
		about: 'a stranger changes what the stream of another user follows',
		mode: 'development',
		short: true,
		async run({ open, until, strangers }) {
			const victim = open();
			victim.write(requestText(`GET ${paths.stream}?video=${VIDEO}`, ['X-Likewire-User: bob']));
			await until('the stream of the victim', () => connectionOf(victim) !== undefined);
			const body = JSON.stringify({ add: { videos: ['x'] } });
			const path = paths.subscriptions(connectionOf(victim) ?? '');
			const stranger = open();
			const headers = [JSON_TYPE, 'X-Likewire-User: eve', `Content-Length: ${body.length}`];
			stranger.write(requestText(`POST ${path}`, headers, body));
			await until('the answer', () => stranger.status !== undefined);
			return expectStatuses(strangers.slice(1), [404]);
		},
	},
	{
		name: '15 expired token',
		about: 'adds a video with a token of 2 s to a stream whose own token lasts longer',
		mode: 'tokens',
		short: true,
		async run({ open, until, target }) {
			const [added, sub] = ['private', 'eve'];
			const lasting = await signToken({ sub, videos: [VIDEO], exp: inSeconds(600) });
			const stream = open();
			stream.write(requestText(`GET ${paths.stream}?video=${VIDEO}&token=${lasting}`));
			await until('the stream', () => connectionOf(stream) !== undefined);
			const id = connectionOf(stream) ?? '';

			async function statusOfAdding(token: string): Promise<number> {
				const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
				const body = JSON.stringify({ add: { videos: [added] } });
				return (await fetch(target.url + paths.subscriptions(id), { method: 'POST', headers, body })).status;
			}
			async function like(video: string): Promise<void> {
				const headers = { 'Content-Type': 'application/json', ...(await target.as('ann')) };
				const body = JSON.stringify({ id: randomUUID() });
				await fetch(target.url + paths.likes(video), { method: 'POST', headers, body });
			}
			let short = '';
			await until('an accepted token', async () => {
				// The gateway allows clocks to differ by 5 s, so it accepts this token for 2 s more.
				short = await signToken({ sub, videos: [added], exp: inSeconds(-3) });
				return (await statusOfAdding(short)) === 200;
			});
			await until('the end of the stream', () => stream.text.includes('event: bye'));
			await until('the token to be refused', async () => {
				const again = await statusOfAdding(short);
				// 404 while the token lasts: the connection is gone already.
				if (again === 200) throw new Error('the video was added again');
				return again === 401;
			});

			const next = open();
			next.write(requestText(`GET ${paths.stream}?video=${VIDEO}&video=${added}&token=${lasting}`));
			await until('the next stream', () => connectionOf(next) !== undefined);
			await like(added);
			// The stream may follow this video, so this like shows that the one before was withheld.
			await like(VIDEO);
			await until('the like behind it', () => next.text.includes('"delta":{"heart":1}'));
			if (next.text.includes(`"video":"${added}"`)) throw new Error(`the stream still follows ${added}`);
			return 'ended with the token';
		},
	},
	LOG_ATTACK,
	{
		name: '17 pages and proxies',
		about: 'pages of other origins, rebound DNS names and proxies, on both ports in development mode',
		mode: 'development',
		short: true,
		async run({ open, until, target, strangers }) {
			const video = 'foreign';
			const body = JSON.stringify({ id: randomUUID() });
			const headers = [JSON_TYPE, `Content-Length: ${body.length}`];
			for (let round = 0; round < 5; round++) {
				for (const { headers: foreign, ...from } of FOREIGN) {
					const host = 'host' in from ? from.host : undefined;
					open().write(requestText(`POST ${paths.likes(video)}`, [...headers, ...foreign], body, host));
					open().write(requestText(`GET ${paths.stream}?video=${video}`, foreign, '', host));
					open().write(requestText(`OPTIONS ${paths.likes(video)}`, foreign, '', host));
					// The internal port allows no page; the browser withholds its answers from other origins.
					if (foreign.some((header) => /^(Origin|Sec-)/.test(header))) continue;
					open(target.internalPort).write(requestText('GET /v1/cluster', foreign, '', host));
				}
				await until('all answers', () => strangers.every(({ status }) => status !== undefined));
			}
			const proxies = await startProxies([target]);
			try {
				for (const { port } of proxies) {
					open(port).write(requestText(`POST ${paths.likes(video)}`, headers, body));
					open(port).write(requestText(`GET ${paths.stream}?video=${video}`));
				}
				await until('all answers', () => strangers.every(({ status }) => status !== undefined));
			} finally {
				for (const { balancer } of proxies) await balancer.stop();
			}
			const outcome = expectStatuses(strangers, [403]);
			const response = await fetch(target.url + paths.video(video));
			const { totals } = (await response.json()) as { readonly totals: Readonly<Record<string, number>> };
			if (Object.keys(totals).length > 0) throw new Error('a like was counted');
			return `${outcome}; real: ${proxyNames(proxies)}`;
		},
	},
];

/** Returns the connection id of a stream; undefined before its `hello` arrived. */
function connectionOf({ text }: Stranger): string | undefined {
	return /"connection":"([^"]+)"/.exec(text)?.[1];
}
