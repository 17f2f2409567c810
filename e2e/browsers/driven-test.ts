import { existsSync } from 'node:fs';
import { test as base } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { Site } from '../support/site-server.ts';
import { SlowLink } from '../support/slow-link.ts';
import type { BrowserKind, DrivenBrowser } from './browser.ts';

/** Creates a test function with a browser, a site, and a gateway of another origin. */
export function createDrivenTest({ programs, debianPackages, launch }: BrowserKind) {
	const missing = programs.filter((program) => !existsSync(program));
	const sentence = `${missing.join(', ')} missing; on Debian: apt-get install ${debianPackages.join(' ')}`;
	// A laptop skips a browser that is not installed. CI, which chose this part, fails.
	const isSkipped = missing.length > 0 && process.env.CI === undefined;
	if (isSkipped) process.stderr.write(`Skipped. ${sentence}\n`);
	return base.extend<{
		driven: DrivenBrowser;
		gateway: TestGateway;
		/** The link between pages and the gateway, with a delay of 80 ms. */
		link: SlowLink;
		/** The address of the gateway for pages, through the link. */
		gatewayUrl: string;
		site: Site;
	}>({
		async driven({ skip }, use) {
			skip(isSkipped, sentence);
			if (missing.length > 0) throw new Error(sentence);
			const browser = await launch();
			await use(browser);
			await browser.close();
		},
		// biome-ignore lint/correctness/noEmptyPattern: Vitest reads from this pattern which fixtures are needed, refuses anything else, and none is.
		async gateway({}, use) {
			const gateway = await TestGateway.create();
			await gateway.start();
			await use(gateway);
			await gateway.dispose();
		},
		async link({ gateway }, use) {
			const link = await SlowLink.before(gateway.url, 80);
			await use(link);
			link.close();
		},
		async gatewayUrl({ link }, use) {
			await use(link.url);
		},
		// biome-ignore lint/correctness/noEmptyPattern: as above.
		async site({}, use) {
			const site = await Site.start();
			await use(site);
			site.close();
		},
	});
}

export type DrivenTest = ReturnType<typeof createDrivenTest>;
