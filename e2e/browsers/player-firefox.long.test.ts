import { createDrivenTest } from './driven-test.ts';
import { describeEmbed } from './embed-suite.ts';
import { firefox } from './firefox.ts';
import { describePlayer } from './player-suite.ts';

const test = createDrivenTest(firefox);

describePlayer(test);
describeEmbed(test);
