import { createDrivenTest } from './driven-test.ts';
import { describeLikes } from './likes-suite.ts';
import { describePagehide } from './pagehide-suite.ts';
import { describeTabs } from './tabs-suite.ts';
import { webkitgtk } from './webkitgtk.ts';

const test = createDrivenTest(webkitgtk);

describeLikes(test);
describePagehide(test);
describeTabs(test);
