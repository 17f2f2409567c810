import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from '@likewire/server';

const VIDEO = 'my-video';

const live = createServer({
	url: 'http://127.0.0.1:8080',
	apiKey: process.env.LIVE_API_KEY,
	jwtSecret: process.env.LIVE_JWT_SECRET,
});

/** Returns the user of a request. Your app reads it from the session; this example gives each browser a random name in a cookie. */
function userOf(request, response) {
	const known = /(?:^|; )user=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
	if (known) return known;
	const user = randomUUID();
	response.setHeader('Set-Cookie', `user=${user}; HttpOnly; SameSite=Lax; Path=/`);
	return user;
}

const routes = {
	async 'GET /'(request, response) {
		userOf(request, response);
		response.setHeader('Content-Type', 'text/html');
		response.end(await readFile(new URL('index.html', import.meta.url)));
	},
	/** The page fetches a token, and the next one shortly before it expires. */
	async 'GET /token'(request, response) {
		const user = userOf(request, response);
		response.setHeader('Cache-Control', 'no-store');
		response.end(await live.token({ user, videos: [VIDEO], can: ['watch', 'like', 'comment'] }));
	},
	/** Sends an event of your app to all viewers. In your app, protect such a route. */
	async 'POST /goal'(_request, response) {
		await live.publish(`video:${VIDEO}`, { name: 'goal', data: { at: new Date().toISOString() } });
		response.writeHead(202).end();
	},
};

createHttpServer(async (request, response) => {
	const route = routes[`${request.method} ${request.url}`];
	try {
		if (route) await route(request, response);
		else response.writeHead(404).end();
	} catch (error) {
		console.error(error);
		response.writeHead(500).end();
	}
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', function () {
	console.log(`http://127.0.0.1:${this.address().port}`);
});
