/** The categories of the catalogue. */
export const CATEGORIES = [
  'tents',
  'sleeping',
  'packs',
  'clothing',
  'footwear',
  'cooking',
  'climbing',
  'navigation',
] as const;

/** A category of the catalogue. */
export type Category = (typeof CATEGORIES)[number];

/** An article that the company sells. */
export interface Product {
  sku: string;
  name: string;
  category: Category;
  priceCents: number;
  weightGrams: number;
  description: string;
}

/** The letters with which the SKUs of a category begin. */
const SKU_LETTERS: Record<string, Category> = {
  TNT: 'tents',
  SLP: 'sleeping',
  PCK: 'packs',
  CLO: 'clothing',
  FTW: 'footwear',
  CKG: 'cooking',
  CLB: 'climbing',
  NAV: 'navigation',
};

// SKU, name, price in euro, weight in grams, description.
const ROWS = `
TNT-101 | Fjellro 1 Solo Tent | 249 | 1150 | one-person trekking tent for three seasons
TNT-102 | Fjellro 2 Trekking Tent | 349 | 1850 | two-person trekking tent with two entrances
TNT-103 | Skerry 4 Family Tent | 529 | 6400 | four-person family tent with standing height
TNT-104 | Vinter 2 Expedition Tent | 799 | 3100 | four-season tunnel tent for storm and snow
TNT-105 | Lund Tarp 3x4 | 119 | 720 | ripstop tarp with twelve attachment points
TNT-106 | Footprint for Fjellro 2 | 49 | 260 | ground sheet that protects the tent floor
SLP-201 | Myr 0 Down Sleeping Bag | 289 | 980 | down sleeping bag, comfort limit 0 °C
SLP-202 | Myr -12 Winter Sleeping Bag | 429 | 1420 | down sleeping bag, comfort limit -12 °C
SLP-203 | Lyng Summer Sleeping Bag | 99 | 690 | light synthetic sleeping bag, comfort limit 10 °C
SLP-204 | Hvile Insulated Mat | 139 | 480 | inflatable sleeping mat, R-value 4.3
SLP-205 | Torv Foam Mat | 39 | 410 | closed-cell foam mat that folds
SLP-206 | Silk Liner | 59 | 130 | silk liner for a sleeping bag
PCK-301 | Bergsti 65 Backpack | 259 | 2100 | trekking backpack with 65 litres and rain cover
PCK-302 | Bergsti 45 Backpack | 199 | 1650 | hut tour backpack with 45 litres
PCK-303 | Dagstur 22 Daypack | 89 | 640 | daypack with 22 litres and laptop sleeve
PCK-304 | Kajakk Dry Bag 40 | 45 | 380 | waterproof roll-top bag with 40 litres
PCK-305 | Barn 12 Kids Pack | 49 | 390 | small backpack for children from four years
PCK-306 | Reise 90 Duffel | 129 | 1300 | travel duffel with 90 litres and backpack straps
CLO-401 | Regn Shell Jacket | 279 | 410 | three-layer rain jacket, waterproof and breathable
CLO-402 | Ull Merino Base Layer | 89 | 210 | long-sleeved merino shirt, 200 g/m²
CLO-403 | Dun Light Down Jacket | 219 | 330 | packable down jacket with hood
CLO-404 | Sti Trekking Trousers | 119 | 380 | stretch trousers with zip-off legs
CLO-405 | Vind Fleece | 99 | 360 | midlayer fleece with full zip
CLO-406 | Lue Wool Beanie | 29 | 60 | knitted beanie of merino wool
CLO-407 | Vott Insulated Gloves | 69 | 150 | insulated gloves for winter tours
FTW-501 | Stein Mid Hiking Boots | 189 | 1100 | waterproof mid-cut hiking boots
FTW-502 | Tind Mountain Boots | 299 | 1540 | stiff mountain boots for crampons
FTW-503 | Rask Trail Runners | 139 | 560 | light trail running shoes
FTW-504 | Strand Sandals | 79 | 520 | sandals with three straps for water and land
FTW-505 | Ull Hiking Socks | 24 | 90 | padded merino socks for hiking
FTW-506 | Gamasje Gaiters | 59 | 240 | gaiters against snow and mud
CKG-601 | Flamme Gas Stove | 69 | 95 | folding gas stove with 2800 W
CKG-602 | Kok Pot Set | 79 | 540 | two pots and a pan of anodised aluminium
CKG-603 | Varm Vacuum Flask 1 L | 39 | 520 | steel flask that keeps tea hot for a day
CKG-604 | Rein Water Filter | 49 | 110 | squeeze filter for 1500 litres
CKG-605 | Spork Titanium | 14 | 18 | spoon and fork of titanium
CKG-606 | Multifuel Expedition Stove | 189 | 380 | stove for petrol, kerosene and gas
CLB-701 | Sva Climbing Harness | 79 | 340 | harness with four gear loops
CLB-702 | Tau 9.5 Rope 60 m | 179 | 3540 | single rope, 9.5 mm, dry treated
CLB-703 | Hjelm Helmet | 69 | 250 | light helmet for climbing and ferrata
CLB-704 | Klem Quickdraw Set | 95 | 510 | six quickdraws with wire gates
CLB-705 | Ferrata Set | 109 | 480 | via ferrata set with energy absorber
CLB-706 | Brodd Crampons | 149 | 860 | twelve-point crampons with strap binding
NAV-801 | Kurs Compass | 45 | 60 | mirror compass with clinometer
NAV-802 | Lys 400 Headlamp | 59 | 85 | rechargeable headlamp with 400 lumen
NAV-803 | Spor GPS Handheld | 329 | 210 | GPS device with topographic maps
NAV-804 | Signal Avalanche Beacon | 299 | 210 | avalanche transceiver with three antennas
NAV-805 | Staver Trekking Poles | 99 | 480 | pair of folding carbon poles
NAV-806 | First Aid Kit Tour | 35 | 320 | first aid kit for groups up to four
`;

/** Every article, in the order of its SKU. */
export const PRODUCTS: readonly Product[] = ROWS.trim()
  .split('\n')
  .map(row => {
    const [sku, name, priceEur, weightGrams, description] = row.split(' | ');
    return {
      sku,
      name,
      category: SKU_LETTERS[sku.slice(0, 3)],
      priceCents: Number(priceEur) * 100,
      weightGrams: Number(weightGrams),
      description,
    };
  })
  .sort((a, b) => a.sku.localeCompare(b.sku));
