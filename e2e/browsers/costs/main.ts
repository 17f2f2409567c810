import { TestGateway } from '../../support/gateway.ts';
import { Site } from '../../support/site-server.ts';
import { chromium } from '../chromium.ts';
import { firefox } from '../firefox.ts';
import { webkitgtk } from '../webkitgtk.ts';
import {
	type MeasureContext,
	measureHandover,
	measureLeaving,
	measureStorage,
	measureTabs,
	measureTaps,
	type Row,
} from './measures.ts';

const KINDS = { chromium, firefox, webkitgtk };

const MEASURES: readonly ((context: MeasureContext) => Promise<Row[]>)[] = [
	(context) => measureTabs(context, false),
	(context) => measureTabs(context, true),
	measureTaps,
	measureStorage,
	measureLeaving,
	measureHandover,
];

const asked = process.argv.slice(2);
for (const [name, { launch }] of Object.entries(KINDS)) {
	if (asked.length > 0 && !asked.includes(name)) continue;
	for (const [index, measure] of MEASURES.entries()) {
		const browser = await launch();
		if (index === 0) process.stdout.write(`\n${name} ${browser.version}\n`);
		const [gateway, site] = [await TestGateway.create(), await Site.start()];
		await gateway.start();
		for (const row of await measure({ browser, gateway, site })) process.stdout.write(`  ${row.join(': ')}\n`);
		await browser.close();
		site.close();
		await gateway.dispose();
	}
}
