// better-sqlite3 by its documentation: synchronous, statements prepared once, transactions by db.transaction(). The
// statements are those of raw_sqlite.c.
import { agent, bytes, fresh, ids, imported, importStore, mint, packages, searches, serve, store } from './job.mjs';

const Database = packages('better-sqlite3')('better-sqlite3');
const VISIBLE = 'p.deleted_at IS NULL AND p.display_ok=1 AND p.status IS NOT NULL';
const SELECT = process.env.HC_PEER_COLUMNS;
const LICENSED = 'EXISTS(SELECT 1 FROM agents WHERE user_id=@agent_id AND license_number IS NOT NULL AND'
    + ' license_verified_at IS NOT NULL AND license_expires_on>=@list_date)';

function open(path) {
    const db = new Database(path, { timeout: 5000 });
    for (const setting of ['synchronous=FULL', 'cache_size=-8192', 'cell_size_check=ON', 'secure_delete=FAST',
        'journal_size_limit=67108864', 'foreign_keys=ON']) db.pragma(setting);
    return db;
}

// One listing, its words and its event; whoever calls has a transaction. An import has the licence checked once.
function writer(db, columns, where) {
    const names = columns.join(','), values = columns.map((name) => '@' + name).join(',');
    const statement = db.prepare(`INSERT INTO properties(${names}) SELECT ${values} WHERE ${where}`);
    const words = db.prepare('INSERT INTO properties_words(words_title,words_place,words_text,rowid) VALUES(?,?,?,?)');
    const event = db.prepare('INSERT INTO events(id,resource,resource_id,change,version,actor_id,created_at,seq)'
        + " VALUES(?,'property',?,'created',1,?,?,coalesce(?,(SELECT ifnull(max(seq),0)+1 FROM events)))");
    return (one, seq) => {
        const done = statement.run(one.row);
        if (done.changes !== 1) throw new Error('no licence');
        words.run(...one.words, done.lastInsertRowid);
        event.run(mint(), one.row.id, one.row.agent_id, one.row.created_at, seq);
    };
}

const db = open(store);
const columns = Object.keys(fresh(0).row);
const get = db.prepare(`SELECT ${SELECT} FROM properties p WHERE p.id=? AND ${VISIBLE}`);
const list = db.prepare(`SELECT ${SELECT} FROM properties p INDEXED BY properties_city_price_beds WHERE p.city_norm=? AND`
    + " p.status='active' AND p.price BETWEEN ? AND ? AND +p.beds>=? AND p.currency='USD' AND " + VISIBLE
    + ' ORDER BY p.price,p.id LIMIT 21');
const keys = ids.map(bytes);
const write = writer(db, columns, LICENSED);
const insert = db.transaction((one) => write(one, null));

await serve(`better-sqlite3 ${packages('better-sqlite3')('better-sqlite3/package.json').version} with SQLite ${
    db.prepare('SELECT sqlite_version()').pluck().get()}`, {
    get(first, count) {
        let rows = 0, cents = 0;
        for (let i = first; i < first + count; i++) {
            const row = get.get(keys[i % keys.length]);
            rows++;
            cents += row.price;
        }
        return { rows, cents };
    },
    list(first, count) {
        let rows = 0, cents = 0;
        for (let i = first; i < first + count; i++) {
            const page = list.all(...searches[i % searches.length]);
            if (page.length > 20) page.pop(); // only told that there are more
            rows += page.length;
            for (const row of page) cents += row.price;
        }
        return { rows, cents };
    },
    insert(first, count) {
        for (let i = first; i < first + count; i++) insert.immediate(fresh(i));
        return { rows: count };
    },
    import(_, count) {
        const into = open(importStore), write = writer(into, columns, '1');
        const known = into.prepare("SELECT pk FROM import_rows WHERE source_system='bench' AND source_key=?");
        const note = into.prepare('INSERT INTO import_rows(id,source_system,source_key,property_id,row_hash,updated_at)'
            + " VALUES(?,'bench',?,?,?,?)");
        const hash = bytes(agent + agent);
        let rows = 0;
        const start = performance.now();
        into.transaction(() => {
            let seq = into.prepare('SELECT ifnull(max(seq),0) FROM events').pluck().get();
            for (const one of imported(count)) {
                if (known.get(one.key) !== undefined) continue;
                write(one, ++seq);
                note.run(mint(), one.key, one.row.id, hash, one.row.created_at);
                rows++;
            }
        }).immediate();
        const seconds = (performance.now() - start) / 1000;
        into.close();
        return { rows, seconds };
    },
});
