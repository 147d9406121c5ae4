"""What is kept: SQLModel tables and their migrations, one family a module.

The face of the room::

    store = await Store.open("sqlite:///var/vxmlplat.db")  # brings the schema up to date
    await store.flows.save(…)                              # a repository a family, each change a transaction
    async with store.transaction(): …                      # several changes as one

SQL stands here and in ``vxmlplat.analytics``, nowhere else.
"""
