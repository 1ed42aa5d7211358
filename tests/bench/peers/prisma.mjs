// Prisma 7 by its documentation: a client over a driver adapter, findUnique, findMany, createMany, interactive
// transactions. What it has no model for, the words of a FTS5 table, goes by $executeRaw; on PostgreSQL (tsvector) it is
// left out, which spares it work.
import { agent, bytes, fresh, ids, imported, importStore, mint, packages, searches, serve, store, uuid } from './job.mjs';

const require = packages('prisma');
const server = store.includes('://');
const { PrismaClient, Prisma } = require(server ? './postgres' : './sqlite');
const VISIBLE = { deleted_at: null, display_ok: server ? true : 1 };
const BULK = 1000;

async function open(url) {
    const { PrismaPg } = require('@prisma/adapter-pg'), { PrismaBetterSqlite3 } = require('@prisma/adapter-better-sqlite3');
    const adapter = server ? new PrismaPg({ connectionString: url }) : new PrismaBetterSqlite3({ url: `file:${url}` });
    const omit = { city_norm: true, state_norm: true, address_norm: true, title_norm: true, description_norm: true };
    const prisma = new PrismaClient({ adapter, omit: { property: omit } });
    for (const setting of server ? [] : ['synchronous=FULL', 'cache_size=-8192', 'cell_size_check=ON',
        'journal_size_limit=67108864', 'secure_delete=FAST']) await prisma.$queryRawUnsafe(`PRAGMA ${setting}`);
    if (!server && Number((await prisma.$queryRawUnsafe('PRAGMA synchronous'))[0].synchronous) !== 2)
        throw new Error('not as durable as ours');
    return prisma;
}

// The values of job.mjs as this store's client wants them.
const money = (cents) => server ? new Prisma.Decimal(cents).div(100) : BigInt(cents);
const degrees = (units) => server ? new Prisma.Decimal(units).div(100000000) : BigInt(units);
const time = (micros) => server ? new Date(micros / 1000) : BigInt(micros);
const id = (value) => server ? uuid(value.toString('hex')) : value;
function dressed(row) {
    return {
        ...row, id: id(row.id), agent_id: id(row.agent_id), price: money(row.price),
        original_price: money(row.original_price), price_per_sqft: money(row.price_per_sqft),
        baths: server ? new Prisma.Decimal(row.baths).div(100) : row.baths, latitude: degrees(row.latitude),
        longitude: degrees(row.longitude), created_at: time(row.created_at), updated_at: time(row.updated_at),
        status_changed_at: time(row.status_changed_at),
        list_date: server ? new Date(row.list_date * 86400000) : row.list_date,
        ...(server ? { display_ok: true, display_address_ok: true, exclusive_showings: false, price_reduced: false } : {}),
    };
}
const event = (row, seq) => ({
    id: id(mint()), resource: 'property', resource_id: row.id, change: 'created', version: 1, actor_id: row.agent_id,
    created_at: row.created_at, ...(server ? {} : { seq }),
});
const cents = (price) => server ? Math.round(Number(price) * 100) : Number(price);
const hash = bytes(agent + agent);

const prisma = await open(store);
const keys = ids.map((hex) => server ? uuid(hex) : bytes(hex));
const asked = searches.map(([city_norm, low, high, beds]) => ({
    where: {
        city_norm, status: 'active', price: { gte: money(low), lte: money(high) }, beds: { gte: beds }, currency: 'USD',
        ...VISIBLE,
    },
    orderBy: [{ price: 'asc' }, { id: 'asc' }],
    take: 21,
}));

// The number of the last event, by the index: aggregate({ _max }) reads all of them.
const last = async (tx) => server ? 0n
    : (await tx.event.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } }))?.seq ?? 0n;

async function importBulk(tx, bulk, seq) {
    const found = await tx.importRow.findMany({
        where: { source_system: 'bench', source_key: { in: bulk.map((one) => one.key) } }, select: { source_key: true },
    });
    const known = new Set(found.map((row) => row.source_key)), fresh = bulk.filter((one) => !known.has(one.key));
    const rows = fresh.map((one) => dressed(one.row));
    await tx.property.createMany({ data: rows });
    await tx.event.createMany({ data: rows.map((row, i) => event(row, seq + BigInt(i) + 1n)) });
    await tx.importRow.createMany({
        data: fresh.map((one, i) => ({
            id: id(mint()), source_system: 'bench', source_key: one.key, property_id: rows[i].id, row_hash: hash,
            updated_at: rows[i].created_at,
        })),
    });
    const all = JSON.stringify(fresh.map((one) => [one.key, ...one.words]));
    if (!server)
        await tx.$executeRaw`INSERT INTO properties_words(words_title,words_place,words_text,rowid)
            SELECT j.value->>1,j.value->>2,j.value->>3,p.pk FROM json_each(${all}) j
            JOIN properties p ON p.source_system='bench' AND p.source_key=j.value->>0`;
    return fresh.length;
}

await serve(`Prisma ${Prisma.prismaVersion.client}`, {
    async get(first, count) {
        let rows = 0, sum = 0;
        for (let i = first; i < first + count; i++) {
            const row = await prisma.property.findUnique({
                where: { id: keys[i % keys.length], ...VISIBLE, status: { not: null } },
            });
            rows++;
            sum += cents(row.price);
        }
        return { rows, cents: sum };
    },
    async list(first, count) {
        let rows = 0, sum = 0;
        for (let i = first; i < first + count; i++) {
            const page = await prisma.property.findMany(asked[i % asked.length]);
            if (page.length > 20) page.pop(); // only told that there are more
            rows += page.length;
            for (const row of page) sum += cents(row.price);
        }
        return { rows, cents: sum };
    },
    async insert(first, count) {
        for (let i = first; i < first + count; i++) {
            const one = fresh(i), row = dressed(one.row);
            await prisma.$transaction(async (tx) => {
                const licence = await tx.agent.findFirst({
                    where: {
                        user_id: row.agent_id, license_number: { not: null }, license_verified_at: { not: null },
                        license_expires_on: { gte: row.list_date },
                    },
                });
                if (licence === null) throw new Error('no licence');
                await tx.property.create({ data: row });
                await tx.event.create({ data: event(row, (await last(tx)) + 1n) });
                await tx.$executeRaw`INSERT INTO properties_words(words_title,words_place,words_text,rowid)
                    SELECT ${one.words[0]},${one.words[1]},${one.words[2]},pk FROM properties WHERE id=${row.id}`;
            });
        }
        return { rows: count };
    },
    async import(_, count) {
        const into = await open(importStore);
        let rows = 0;
        const start = performance.now();
        await into.$transaction(async (tx) => {
            let bulk = [];
            const seq = await last(tx);
            for (const one of imported(count))
                if (bulk.push(one) === BULK) {
                    rows += await importBulk(tx, bulk, seq + BigInt(rows));
                    bulk = [];
                }
            if (bulk.length > 0) rows += await importBulk(tx, bulk, seq + BigInt(rows));
        }, { timeout: 600000 });
        const seconds = (performance.now() - start) / 1000;
        await into.$disconnect();
        return { rows, seconds };
    },
});
