import { createDrivenTest } from './driven-test.ts';
import { firefox } from './firefox.ts';
import { describeLikes } from './likes-suite.ts';
import { describePagehide } from './pagehide-suite.ts';
import { describeTabs } from './tabs-suite.ts';

const test = createDrivenTest(firefox);

describeLikes(test);
describePagehide(test);
describeTabs(test);
