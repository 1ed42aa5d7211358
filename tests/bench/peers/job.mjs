// What all peers share: lines from the bench and answers to it, the streams both sides are asked with, the CSV, and what
// is derived of a listing before it is stored (as data.c does for the raw side).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const { HC_PEER_STORE: store, HC_PEER_IMPORT: importStore } = process.env;
const stream = process.env.HC_PEER_STREAM ? JSON.parse(readFileSync(process.env.HC_PEER_STREAM, 'utf8')) : {};
export const { agent, searches } = stream;
export const ids = stream.ids;

export const packages = (name) => createRequire(`${process.env.HC_BENCH_PEERS}/${name}/`);
export const bytes = (hex) => Buffer.from(hex, 'hex');
export const uuid = (hex) => hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');

// "JOB FIRST COUNT" in, "ok SECONDS ROWS CENTS" or "no REASON" out. A job may time itself, when it has to open a store.
export async function serve(name, jobs) {
    console.log(`ready ${name}`);
    for await (const line of createInterface({ input: process.stdin })) {
        const [job, first, count] = line.split(' ');
        try {
            const start = performance.now();
            const { rows = 0, cents = 0, seconds } = (await jobs[job](Number(first), Number(count))) ?? {};
            console.log(`ok ${(seconds ?? (performance.now() - start) / 1000).toFixed(9)} ${rows} ${cents}`);
        } catch (error) {
            console.log(`no ${String(error?.message ?? error).replace(/\s+/g, ' ')}`);
        }
    }
    process.exit(0);
}

export function mint() { // version 7
    const id = randomBytes(16);
    id.writeUIntBE(Date.now(), 0, 6);
    id[6] = 0x70 | (id[6] & 15);
    id[8] = 0x80 | (id[8] & 63);
    return id;
}

// Each word once: "zq", then its letters and digits, z doubled.
function words(...texts) {
    const set = new Set();
    for (const text of texts)
        for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) set.add('zq' + word.replaceAll('z', 'zz'));
    return [...set].join(' ');
}

const day = (date) => Math.round(Date.parse(date) / 86400000);
const units = (text, scale) => Math.round(Number(text) * 10 ** scale);
const statuses = { Active: 'active', Pending: 'pending' };

// One line of the CSV as the columns of SQLite: money in cents, degrees in 1e-8, times in µs, dates in days.
function listing(line, imported) {
    const [key, title, description, price, address, city, state, zip, beds, baths, sqft, lot, year, latitude, longitude,
        type, standard, date] = line.split(',');
    const now = Date.now() * 1000, cents = units(price, 2);
    return {
        key,
        row: {
            id: mint(), agent_id: bytes(agent), title, description, price: cents, address, city, state, zip_code: zip,
            beds: Number(beds), baths: units(baths, 2), sqft: Number(sqft), property_type: type,
            status: imported ? (statuses[standard] ?? null) : 'active', created_at: now, updated_at: now, version: 1,
            currency: 'USD', latitude: units(latitude, 8), longitude: units(longitude, 8), lot_sqft: Number(lot),
            year_built: Number(year), standard_status: imported ? standard : 'Active',
            list_date: imported ? day(date) : Math.floor(now / 86400000000), original_price: cents,
            source_system: imported ? 'bench' : null, source_key: imported ? key : null, display_ok: 1,
            display_address_ok: 1, exclusive_showings: 0, status_changed_at: now,
            price_per_sqft: Math.round(cents / Number(sqft)), price_reduced: 0, city_norm: city.toLowerCase(),
            state_norm: state.toLowerCase(), address_norm: address.toLowerCase(), title_norm: title.toLowerCase(),
            description_norm: description.toLowerCase(),
        },
        words: [words(title), words(city, zip, address), words(description)],
    };
}

// The lines behind the first. A file is read once: only the bench's own sides read it each time.
const files = new Map();
function* lines(path) {
    if (!files.has(path)) files.set(path, readFileSync(path, 'latin1'));
    const text = files.get(path);
    for (let at = text.indexOf('\n') + 1, end; (end = text.indexOf('\n', at)) >= 0; at = end + 1)
        yield text.slice(at, end);
}

// Listings of the CSV for single inserts, read beforehand; parsed when they are written.
const single = process.env.HC_PEER_SINGLE ? [...lines(process.env.HC_PEER_SINGLE)] : [];
export const fresh = (number) => listing(single[number % single.length], false);

export function* imported(count) {
    let left = count;
    for (const line of lines(process.env.HC_PEER_CSV)) {
        if (left-- <= 0) return;
        yield listing(line, true);
    }
}
