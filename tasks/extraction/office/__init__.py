"""What the readers of office documents share: containers, records, sheets, formulas.

One module per thing that more than one format has, or that would outgrow its reader.
"""
