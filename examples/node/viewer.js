import { createClient } from '@likewire/sdk';
import { createServer } from '@likewire/server';
import { EventSource } from 'eventsource';

// Node has no EventSource.
globalThis.EventSource = EventSource;

const VIDEO = 'my-video';
const server = createServer({ url: 'http://127.0.0.1:8080', jwtSecret: process.env.LIVE_JWT_SECRET });
const live = createClient({
	url: 'http://127.0.0.1:8080',
	token: () => server.token({ user: 'log', videos: [VIDEO], can: ['watch'] }),
});
const video = live.video(VIDEO);

live.on('state', (state) => console.log(`state: ${state}`));
live.on('error', ({ code, message }) => console.error(`${code}: ${message}`));
video.on('likes', ({ totals }) => console.log(`hearts: ${totals.heart ?? 0}`));
video.on('comment', ({ text }) => console.log(`comment: ${text}`));
video.on('custom', ({ name }) => console.log(`event: ${name}`));
