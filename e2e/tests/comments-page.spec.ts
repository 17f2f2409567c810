import { paths } from '@likewire/protocol';
import { test as onCluster, openDemo } from '../support/cluster-test.ts';
import { Comments, postComment } from '../support/comments.ts';
import { newVideo } from '../support/new-video.ts';
import { crash } from '../support/tab.ts';
import { expect, Player, test } from '../support/test.ts';

onCluster(
	'shows a comment in another browser, and a deleted comment in none, also after a reload',
	async ({ browser, cluster }) => {
		const [first, second] = cluster.frontendUrls as [string, string];
		const video = newVideo();
		const [one, other] = [await openDemo(browser, first, video), await openDemo(browser, second, video)];
		const [own, seen] = [new Comments(one.page), new Comments(other.page)];
		for (const text of ['stays', 'goes']) await own.write(text);
		for (const text of ['stays', 'goes']) await expect(seen.row(text)).toBeVisible();
		await seen.answer(seen.row('stays'), 'an answer');
		await expect(own.row('an answer')).toContainText('stays');
		// Only the author sees the button.
		await expect(seen.row('goes').getByRole('button', { name: 'Delete' })).toBeHidden();

		await own.delete(own.row('goes'));
		for (const { rows, row } of [own, seen].map((comments) => ({ rows: comments.rows, row: comments.row('goes') }))) {
			await expect(row).toHaveCount(0);
			await expect(rows).toHaveCount(2);
		}
		for (const { page } of [one, other]) {
			await page.reload();
			const comments = new Comments(page);
			await expect(comments.rows).toHaveCount(2);
			await expect(comments.row('goes')).toHaveCount(0);
		}
		for (const { page } of [one, other]) await page.context().close();
	},
);

onCluster('shows a typing user until the tab crashes', async ({ browser, cluster }) => {
	const [first, second] = cluster.frontendUrls as [string, string];
	const video = newVideo();
	const [one, other] = [await openDemo(browser, first, video), await openDemo(browser, second, video)];
	const [own, seen] = [new Comments(one.page), new Comments(other.page)];
	await own.field.fill('I was about to sa');
	await expect(seen.typing).toBeVisible();
	await expect(own.typing).toBeHidden();
	await crash(one.page);
	await expect(seen.typing).toBeHidden();
	for (const { page } of [one, other]) await page.context().close();
});

test('shows comments and typing users of a video with the longest id', async ({
	page,
	sharedGateway: gateway,
	ownVideo,
}) => {
	const video = ownVideo.padEnd(128, 'x');
	const comments = new Comments(page);
	await page.goto(`${gateway.url}/?video=${video}`);
	await comments.write('under a long id');
	await expect(comments.row('under a long id')).toBeVisible();
	const typing = await fetch(gateway.url + paths.typing(video), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'ann' },
		body: JSON.stringify({ typing: true }),
	});
	expect(typing.status).toBe(202);
	await expect(comments.typing).toContainText('ann');
});

/** Texts that would run a script or load a file if a page used them as HTML, as an address or as a script. */
const HOSTILE = [
	'<script>ran("script")</script>',
	'<img src=x onerror=ran("image")>',
	'<svg onload=ran("svg")><animate onbegin=ran("animate")>',
	'"><iframe srcdoc="<script>parent.ran(1)</script>">',
	'\'";ran("quote");//',
	'javascript:ran("address")',
	`\${ran("template")}`,
	'{{constructor.constructor("ran(2)")()}}',
	'</script><script>ran("end")</script>',
];

/** A valid user id that is also a `javascript:` address. */
const HOSTILE_USER = 'javascript:ran~1';

test('shows scripts in comments, answers, names and events as text, and runs none', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const ran: string[] = [];
	await page.exposeFunction('ran', (what: string) => ran.push(what));
	page.on('dialog', (dialog) => {
		ran.push('a dialog');
		void dialog.dismiss();
	});
	const asked: string[] = [];
	page.on('request', (request) => asked.push(request.url()));
	const comments = new Comments(page);
	await page.goto(`${gateway.url}/?video=${video}`);
	await expect(new Player(page).state).toHaveAttribute('data-state', 'live');

	const parent = await postComment(gateway.url, video, HOSTILE_USER, 'a name');
	await expect(comments.row('a name')).toContainText(HOSTILE_USER);
	await comments.answer(comments.row('a name'), 'to a name');
	await expect(comments.row('to a name')).toContainText(HOSTILE_USER);
	for (const text of HOSTILE) {
		// Another user sends it as a comment and as an answer, and the page sends it as a comment.
		await postComment(gateway.url, video, HOSTILE_USER, `post ${text}`);
		await postComment(gateway.url, video, HOSTILE_USER, `answer ${text}`, parent);
		await comments.write(`own ${text}`);
		for (const from of ['post', 'answer', 'own']) await expect(comments.row(`${from} ${text}`)).toBeVisible();
		const published = await fetch(gateway.url + paths.topicEvents(`video:${video}`), {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ name: 'notice', data: { text, html: text, url: text } }),
		});
		expect(published.status).toBe(202);
	}
	// The page also shows the names of typing users.
	const typing = await fetch(gateway.url + paths.typing(video), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': HOSTILE_USER },
		body: JSON.stringify({ typing: true }),
	});
	expect(typing.status).toBe(202);
	await expect(comments.typing).toContainText(HOSTILE_USER);

	// The page reads the texts from the history, with a hostile user name and a hostile video id.
	await page.evaluate(
		(name) => localStorage.setItem('likewire-demo-user', name),
		'<img src=x onerror=ran("own name")>',
	);
	await page.reload();
	await expect(comments.row(`own ${HOSTILE.at(-1)}`)).toBeVisible();
	await page.goto(`${gateway.url}/?video=${encodeURIComponent('<img src=x onerror=ran("video")>')}`);
	await expect(page.getByRole('main')).toBeVisible();

	expect(ran).toEqual([]);
	expect(await page.locator('iframe, img[src="x"], svg[onload], [onerror]').count()).toBe(0);
	expect(asked.filter((url) => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url))).toEqual([]);
	expect(asked.filter((url) => new URL(url).pathname === '/x')).toEqual([]);
});
