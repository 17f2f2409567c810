import { lives, test } from '../support/cluster-command.ts';
import { postLike } from '../support/post-like.ts';
import { expect, Player } from '../support/test.ts';

test('npm run cluster serves the demo, reports an ended node, and shuts down', async ({ page, run }) => {
	const command = run('--port', '0', '--frontends', '2', '--', '--log-level', 'warn');
	const demo = await command.prints(/Demo +(http\S+)/);
	const report = await command.prints(/Cluster +(http\S+\/v1\/cluster)/);
	await command.prints(/(CTRL-C)/);
	expect(command.pids).toHaveLength(5);

	const { members } = (await (await fetch(report)).json()) as { members: { node: string }[] };
	expect(members.map(({ node }) => node).sort()).toEqual([
		'dispatcher-1',
		'dispatcher-2',
		'frontend-1',
		'frontend-2',
		'likes-1',
	]);
	await page.goto(demo);
	const player = new Player(page);
	await expect(player.state).toHaveAttribute('data-state', 'live');
	await player.button('heart').click();
	await postLike(demo, { video: 'demo', type: 'wow', user: 'bob' });
	await expect(player.total).toHaveAttribute('data-value', '2');

	const dispatcher = Number(await command.prints(/dispatcher-1 .* (\d+)$/m));
	process.kill(dispatcher, 'SIGKILL');
	await command.prints(/(dispatcher-1 ended by itself \(SIGKILL\))/);
	await postLike(demo, { video: 'demo', type: 'wow', user: 'bob' });
	await expect(player.total).toHaveAttribute('data-value', '3');

	expect(await command.end('SIGTERM')).toBe(0);
	expect(command.printed, 'no other node ended by itself').not.toMatch(/frontend-\d ended|likes-1 ended|HAProxy ended/);
	expect(command.pids.filter(lives)).toEqual([]);
	expect(command.leftovers).toEqual([]);
});

test('npm run cluster leaves no process or file behind, even after kill -9', async ({ run }) => {
	const command = run('--port', '0', '--frontends', '1', '--dispatchers', '1');
	await command.prints(/(CTRL-C)/);
	const { pids } = command;
	expect(pids.filter(lives)).toHaveLength(3);
	await command.end('SIGKILL');
	await expect.poll(() => pids.filter(lives)).toEqual([]);
	await expect.poll(() => command.leftovers).toEqual([]);
});

test('npm run cluster names its wrong arguments', async ({ run }) => {
	const command = run('--frontends', '0', '--regions', '9', '--port', 'high', '--bogus', 'stray');
	await command.prints(/(--bogus is not a flag)/);
	expect(await command.ended).toBe(1);
	expect(command.printed).toContain("'stray' is not a flag");
	expect(command.printed).toContain('--frontends should be a whole number from 1 to 32');
	expect(command.printed).toContain('--regions should be a whole number from 1 to 3');
	expect(command.printed).toContain('--port should be a whole number from 0 to 31000');
});

test('npm run cluster refuses two Likes nodes on SQLite', async ({ run }) => {
	const command = run('--likes', '2');
	await command.prints(/(--likes should be 1: a SQLite database belongs to one node)/);
	expect(await command.ended).toBe(1);
});
