import { chromium } from './chromium.ts';
import { createDrivenTest } from './driven-test.ts';
import { describeLikes } from './likes-suite.ts';
import { describePagehide } from './pagehide-suite.ts';
import { describeTabs } from './tabs-suite.ts';

const test = createDrivenTest(chromium);

describeLikes(test);
describePagehide(test);
describeTabs(test);
