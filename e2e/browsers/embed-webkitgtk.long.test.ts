import { createDrivenTest } from './driven-test.ts';
import { describeEmbed } from './embed-suite.ts';
import { webkitgtk } from './webkitgtk.ts';

describeEmbed(createDrivenTest(webkitgtk));
