import { expect, it } from 'vitest';
import { runScript } from './node-script.ts';
import { unusedUrl } from './stream-server.ts';

/** Returns a program that handles no rejection, and whose listeners throw. */
const careless = (url: string) => `
	import { EventSource } from 'eventsource';
	globalThis.EventSource = EventSource;
	const live = createClient({ url: '${url}' });
	const throws = () => { throw new Error('of a listener'); };
	live.on('state', throws);
	const video = live.video('v1');
	const conversation = live.conversation('c1');
	const write = () => {
		video.like();
		video.like('no reaction');
		video.comment('');
		video.deleteComment('no id');
		video.likeComment('no id');
		conversation.read('m1');
		conversation.delivered('m1');
	};
	write();
	live.close();
	write();
	setImmediate(() => console.log('lives'));
`;

it('a client ends no Node process when its callers handle no error', async () => {
	const { stdout, stderr } = await runScript(careless(await unusedUrl()));
	expect(stdout).toBe('lives\n');
	expect(stderr).toContain('of a listener');
});
