/** A process that tells its part of three stories. */
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { storyOf, writtenBy } from './story.ts';

const [location = '', writer = ''] = process.argv.slice(2);
const db = await openDatabase(location);
for (const id of ['one', 'two', 'three'])
  for (const fact of writtenBy(Number(writer), storyOf(id))) await applyFacts(db, [fact]);
await db.close();
